/** What CI counts: a check whose tools cannot be installed has neither passed nor failed. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { NOT_CHECKED } from "./tools/steps.ts";
import { ROOT } from "./world/guide.ts";

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "baton-ci-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** count runs checks as `.ci/run` does, where `npm run` ends with the number that each is named by. */
function count(exitCodes: readonly number[]) {
  const script = readFileSync(join(ROOT, ".ci/run"), "utf8");
  const withoutMain = script.slice(0, script.lastIndexOf("\nmain\n"));
  const checks = exitCodes.map((code) => `check ${code}`);
  const commands = [withoutMain, "npm() { return $3; }", ...checks, "summarize"].join("\n");
  const { status, stdout } = spawnSync("bash", ["-c", commands, ".ci/run"], { cwd: ROOT, encoding: "utf8" });
  return { status, lines: stdout.trimEnd().split("\n") };
}

it("names a check that could not be made, and counts it as neither passed nor failed", () => {
  expect(count([0, NOT_CHECKED, 0])).toEqual({
    status: 0,
    lines: [`not checked, for want of their tools: ${NOT_CHECKED}`, "2 passed, 0 failed"],
  });
});

it("fails where one check failed, whatever could not be made beside it", () => {
  expect(count([NOT_CHECKED, 1, 0])).toEqual({
    status: 1,
    lines: ["npm run 1 failed", `not checked, for want of their tools: ${NOT_CHECKED}`, "1 passed, 1 failed"],
  });
});

it.each(["chart", "openapi"])(
  "lets `npm run %s` say so by its exit code, where its tools cannot be installed",
  (name) => {
    const folder = emptyFolder();
    const { status, stderr } = spawnSync(
      process.execPath,
      ["--conditions=@baton/source", join(ROOT, "tests", name, "main.ts")],
      // Nothing is on the PATH, and nothing was installed before.
      { env: { PATH: folder, HOME: folder, XDG_CACHE_HOME: folder }, encoding: "utf8" },
    );
    expect(stderr).toContain("nothing was checked");
    expect(status).toBe(NOT_CHECKED);
  },
);
