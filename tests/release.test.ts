/**
 * `npm run release` in a clone of this checkout: one version everywhere, a section of the changelog, packages, a commit
 * and its tag. Left out of a run without pip or git's history (vitest.config.ts).
 */
import { execFile } from "node:child_process";
import { cpSync, globSync, lstatSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ROOT } from "./world/guide.ts";

const NEXT = "97.0.0";
/** It builds, packs, and has pip fetch what builds a wheel. Milliseconds. */
const RELEASE_MS = 300_000;

const run = promisify(execFile);
const clone = join(mkdtempSync(join(tmpdir(), "baton-release-")), "baton");
const git = async (...args: readonly string[]) => (await run("git", args, { cwd: clone })).stdout.trim();
const read = (file: string) => readFileSync(join(clone, file), "utf8");

beforeAll(async () => {
  await run("git", ["clone", "--quiet", "--no-tags", ROOT, clone]);
  // What is tried is what is here, committed or not.
  const { stdout } = await run("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    cwd: ROOT,
    maxBuffer: 2 ** 24,
  });
  for (const file of stdout.split("\n").filter((each) => each !== "" && isFile(join(ROOT, each)))) {
    cpSync(join(ROOT, file), join(clone, file));
  }
  symlinkSync(join(ROOT, "node_modules"), join(clone, "node_modules"));
  // Their links to one another are relative, and lead to the clone.
  for (const modules of globSync("{apps,packages}/*/node_modules", { cwd: ROOT })) {
    cpSync(join(ROOT, modules), join(clone, modules), { recursive: true, verbatimSymlinks: true });
  }
  for (const [name, value] of Object.entries({ "user.name": "Release", "user.email": "release@example.com" })) {
    await git("config", name, value);
  }
  await git("add", "--all");
  await git("commit", "--quiet", "--allow-empty", "--message", "As it is here");
}, RELEASE_MS);

afterAll(() => rmSync(join(clone, ".."), { recursive: true, force: true }));

function isFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

async function release(...args: readonly string[]) {
  const script = join(clone, "scripts/release/main.mjs");
  return run(process.execPath, [script, ...args], { cwd: clone }).then(
    ({ stdout }) => ({ code: 0, stdout, stderr: "" }),
    (failed: { code: number; stdout: string; stderr: string }) => failed,
  );
}

it.each([
  ["no version", [], 2, "such as 0.2.0"],
  ["a version of two numbers", ["1.2"], 2, "such as 0.2.0"],
  ["one below the present one", ["0.0.9"], 1, "0.0.9 is not above"],
])("refuses %s, and changes nothing", async (_what, args, code, words) => {
  expect(await release(...args)).toMatchObject({ code, stderr: expect.stringContaining(words) });
  expect(await git("status", "--porcelain", "--untracked-files=no")).toBe("");
});

it("shows what it would do, and changes nothing", async () => {
  const { code, stdout } = await release(NEXT, "--dry-run");
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining("deploy/helm/baton/Chart.yaml") });
  expect(await git("status", "--porcelain", "--untracked-files=no")).toBe("");
});

it(
  "releases: the version everywhere, the changelog's section, packages, bill of materials, commit and tag",
  async () => {
    const before = read("CHANGELOG.md");
    expect(await release(NEXT)).toMatchObject({ code: 0, stdout: expect.stringContaining("git push --follow-tags") });

    const manifests = globSync("{.,apps/*,packages/*,tests,chaos,bench}/package.json", { cwd: clone });
    expect(manifests.length).toBeGreaterThan(15);
    expect(new Set(manifests.map((file) => JSON.parse(read(file)).version))).toEqual(new Set([NEXT]));
    expect(read("deploy/helm/baton/Chart.yaml")).toMatch(new RegExp(`^version: ${NEXT}\\nappVersion: ${NEXT}$`, "m"));
    expect(read("deploy/docker/Dockerfile")).toContain(`ARG VERSION=${NEXT}\n`);
    expect(read("docs/upgrade.md")).toMatch(new RegExp(`^\\| ${NEXT} \\| \\d+ \\| \\d+ \\|$`, "m"));

    const after = read("CHANGELOG.md");
    expect(after).toMatch(
      new RegExp(`^## \\[Unreleased\\]\\n\\n## \\[${NEXT}\\] - \\d{4}-\\d\\d-\\d\\d\\n\\n### `, "m"),
    );
    const withoutHeading = after.replace(new RegExp(`\\n## \\[${NEXT}\\] - \\S+\\n`), "");
    expect(withoutHeading.trimEnd()).toBe(before.trimEnd());

    expect(globSync("release/*", { cwd: clone }).sort()).toEqual([
      `release/baton-client-${NEXT}.tgz`,
      `release/baton-cxone-${NEXT}.tgz`,
      "release/baton.cdx.json",
      `release/baton_polyai-${NEXT}-py3-none-any.whl`,
    ]);
    expect(JSON.parse(read("release/baton.cdx.json"))).toMatchObject({
      bomFormat: "CycloneDX",
      metadata: { component: { group: "@baton", name: "cli", version: NEXT } },
    });
    expect(await git("log", "-1", "--format=%s")).toBe(`Release ${NEXT}`);
    expect(await git("describe", "--exact-match")).toBe(`v${NEXT}`);
    expect(await git("tag", "--list", "--format=%(contents)", `v${NEXT}`)).toMatch(/^### (Added|Changed|Fixed)$/m);
    expect(await git("status", "--porcelain", "--untracked-files=no")).toBe("");

    expect(await release(NEXT)).toMatchObject({ code: 1, stderr: expect.stringContaining("is released already") });
    expect(await release("98.0.0")).toMatchObject({ code: 1, stderr: expect.stringContaining("nothing under") });
    writeFileSync(join(clone, "CHANGELOG.md"), `${after}\n`);
    expect(await release("98.0.0")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("the tree is not clean"),
    });
  },
  RELEASE_MS,
);
