/** `npm test` brings the browser that its tests need, where it may. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { ROOT } from "./world/guide.ts";

/** What the shell scripts of node_modules/.bin call. */
const TOOLS = ["sh", "dirname", "sed", "uname", "env", "cat"];

/** runVitest asks for its version, on a PATH with an apt-get that only writes down what it was asked for. */
function runVitest({ hasChromium }: { readonly hasChromium: boolean }) {
  const folder = mkdtempSync(join(tmpdir(), "baton-path-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const asked = join(folder, "asked");
  writeFileSync(asked, "");
  writeFileSync(join(folder, "apt-get"), `#!/bin/sh\necho "$*" >> "${asked}"\n`, { mode: 0o755 });
  if (hasChromium) writeFileSync(join(folder, "chromium"), "#!/bin/sh\n", { mode: 0o755 });
  for (const tool of TOOLS) symlinkSync(join("/usr/bin", tool), join(folder, tool));
  const args = [join(ROOT, "scripts/run.mjs"), "vitest", "--version"];
  const { stdout } = spawnSync(process.execPath, args, { env: { PATH: folder }, encoding: "utf8" });
  return { stdout, asked: readFileSync(asked, "utf8") };
}

it("installs Chromium with apt-get, as root on Debian", () => {
  const { stdout, asked } = runVitest({ hasChromium: false });
  const mayInstall = process.getuid?.() === 0;
  expect(stdout).toContain("vitest/");
  expect(asked).toEqual(mayInstall ? expect.stringMatching(/ update\n.* install .*chromium\n/) : "");
});

it("installs none where there is one", () => {
  expect(runVitest({ hasChromium: true })).toEqual({ stdout: expect.stringContaining("vitest/"), asked: "" });
});
