/** Completion in the shells themselves: the command that the Tab key completes is the one that runs. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { runBaton, startShellOnTerminal } from "../testing/run-baton.ts";

/** A command is a process of its own, and each press of Tab starts one. */
const SLOW = { timeout: 180_000 };

const SHELLS = [
  { shell: "bash", command: "bash --noprofile --norc -i", load: "source <(baton completion bash)" },
  {
    shell: "zsh",
    command: "zsh -f -i",
    load: "autoload -Uz compinit && compinit -D -u; source <(baton completion zsh)",
  },
  { shell: "fish", command: "fish --no-config -i", load: "baton completion fish | source" },
] as const;

it.each(SHELLS.filter(({ shell }) => isOnPath(shell)))(
  "completes a command, and what follows it, in $shell",
  SLOW,
  async ({ command, load }) => {
    const terminal = startShellOnTerminal(command);
    terminal.type(`${load}\r`);
    // What is typed is shown, too: only the shell itself takes the quotes away.
    terminal.type("echo is' 'loaded\r");
    await terminal.until(/is loaded/);
    terminal.type("baton dead-let\tackn\t--help\r");
    await terminal.until(/Usage: baton dead-letters acknowledge/);
    terminal.type("baton audit --act\tpause --help\r");
    await terminal.until(/Usage: baton audit/);
    terminal.type(`baton connectors apply ${folderWithOneFile()}/conn\t\r`);
    await terminal.until(/holds no connectors/);
    terminal.type("exit\r");
    expect((await terminal.ended).stdout).not.toMatch(/unknown (?:command|option)/);
  },
);

it("completes both names of an option that has two", SLOW, async () => {
  const { stdout } = await runBaton(["complete", "--", "dead-letters", "list", "--con"]);
  expect(stdout).toMatch(/^--connector\t/m);
  expect(stdout).toMatch(/^--connector-id\t/m);
});

it("completes the words that an option chooses from, also where it takes more", SLOW, async () => {
  const { stdout } = await runBaton(["complete", "--", "audit", "--action", "dead-letter.d"]);
  expect(stdout).toMatch(/^dead-letter\.discard\b/m);
});

it("leaves names of files and folders to the shell", SLOW, async () => {
  for (const words of [
    ["connectors", "create", ""],
    ["connectors", "export", "--output", "co"],
    ["up", "--data", ""],
  ]) {
    expect(await runBaton(["complete", "--", ...words])).toEqual({ code: 0, stdout: ":0\n", stderr: "" });
  }
  const { stdout } = await runBaton(["complete", "--", "connectors", "apply", "connectors.yaml", ""]);
  expect(stdout).toBe(":4\n");
});

function folderWithOneFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "baton-completion-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "connectors.yaml"), "[]");
  return folder;
}

/** isOnPath says where a shell is not tried, so that it does not count as tried. */
function isOnPath(shell: string): boolean {
  try {
    execFileSync(shell, ["-c", "exit 0"], { stdio: "ignore" });
    return true;
  } catch {
    process.stderr.write(`No ${shell} is on the PATH: completion in it is left out.\n`);
    return false;
  }
}
