import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { runBaton } from "../testing/run-baton.ts";
import { formatVersionAndCommit, VERSION } from "./version.ts";

it("names the version and the commit that is checked out", async () => {
  const commit = execFileSync("git", ["rev-parse", "HEAD"], { cwd: import.meta.dirname, encoding: "utf8" });
  const { code, stdout, stderr } = await runBaton(["--version"]);
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: `${VERSION} (${commit.slice(0, 12)})\n`, stderr: "" });
});

it.each([
  ["the commit that the build wrote down", "0123456789abcdef0123456789abcdef01234567\n", " (0123456789ab)"],
  ["the checkout's where the build knew none", "unknown\n", expect.stringMatching(/^ \([\da-f]{12}\)$/)],
])("names %s", (_what, written, shown) => {
  const folder = mkdtempSync(join(tmpdir(), "baton-revision-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "revision"), written);
  expect(formatVersionAndCommit(folder).slice(VERSION.length)).toEqual(shown);
});
