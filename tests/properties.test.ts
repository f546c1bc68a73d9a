/** A property that failed once is not seen again without its seed. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";

const ROOT = fileURLToPath(new URL("properties", import.meta.url));
const VITEST = fileURLToPath(new URL("../node_modules/vitest/vitest.mjs", import.meta.url));

it("shows a property's seed when it fails or runs out of time, and takes it from the environment", async () => {
  const directory = mkdtempSync(join(tmpdir(), "baton-properties-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = join(directory, "report.json");
  const env = { ...process.env, PROPERTY_SEED: "271828" };
  const args = [VITEST, "run", "--root", ROOT, "--reporter=json", `--outputFile=${file}`];
  await new Promise((resolve) => execFile(process.execPath, args, { env }, resolve));
  const report = JSON.parse(readFileSync(file, "utf8")) as {
    testResults: { assertionResults: { title: string; failureMessages: string[] }[] }[];
  };
  const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults);
  const output = Object.fromEntries(tests.map(({ title, failureMessages }) => [title, failureMessages.join("\n")]));
  expect(output.fails).toContain("seed: 271828");
  expect(output.fails).toContain("(PROPERTY_SEED=271828)");
  expect(output["does not end"]).toContain("timed out");
  expect(output["does not end"]).toContain("(PROPERTY_SEED=271828)");
  expect(output["is no property, and fails"]).not.toContain("PROPERTY_SEED");
});
