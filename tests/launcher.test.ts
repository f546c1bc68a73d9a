/** The command `baton` from outside: which Node, which entry, whose signals and exit codes. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, it, onTestFinished } from "vitest";

const BIN = join(import.meta.dirname, "../apps/cli/bin");
/** Node before 22.15 cannot become another program; this makes it so for any Node. */
const OLD_NODE = ["--import", "data:text/javascript,delete process.execve"];
/** Prints what it got; exits with the code it is given, or waits for SIGTERM and exits 42. */
const ENTRY = `
const [command, code]: string[] = process.argv.slice(2);
process.on("SIGTERM", () => process.exit(42));
console.log(JSON.stringify({ node: process.execPath, pid: process.pid, cwd: process.cwd(), entry: import.meta.filename.split("/").slice(-2).join("/"), command }));
if (command === "exit") process.exit(Number(code));
setInterval(() => undefined, 1_000);
`;

interface Said {
  readonly node: string;
  readonly pid: number;
  readonly cwd: string;
  readonly entry: string;
  readonly command: string;
}

describe.each([
  ["a Node that can become the program", []],
  ["an older Node", OLD_NODE],
])("baton, started by %s", (_, nodeOptions) => {
  it("runs the sources with the project's own Node, in the folder it was called from", async () => {
    const { root, node, start } = setup(nodeOptions);
    const { said, ended } = await start("exit", "7");
    expect(said).toMatchObject({ node, cwd: root, entry: "src/main.ts", command: "exit" });
    expect(await ended).toEqual([7, null]);
  });

  it("runs dist where there are no sources", async () => {
    const { remove, start } = setup(nodeOptions);
    remove("src");
    const { said, ended } = await start("exit", "0");
    expect(said.entry).toBe("dist/main.js");
    expect(await ended).toEqual([0, null]);
  });

  it("hands SIGTERM on, and returns what the command makes of it", async () => {
    const { child, ended } = await setup(nodeOptions).start("wait");
    child.kill("SIGTERM");
    expect(await ended).toEqual([42, null]);
  });
});

it("is the command's own process where Node can, so that kill -9 meets it", async () => {
  const { child, said, ended } = await setup([]).start("wait");
  expect(said.pid).toBe(child.pid);
  child.kill("SIGKILL");
  expect(await ended).toEqual([null, "SIGKILL"]);
});

it("says 128 and the signal's number when the command died of a signal, from an older Node", async () => {
  const { said, ended } = await setup(OLD_NODE).start("wait");
  process.kill(said.pid, "SIGKILL");
  expect(await ended).toEqual([137, null]);
});

it("is had outside the checkout by pnpm dlx, as docs/command-line.md says", async () => {
  const folder = mkdtempSync(join(tmpdir(), "baton-elsewhere-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const checkout = join(import.meta.dirname, "..");
  const { packageManager } = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8"));
  // As a shell has it that knows of no checkout.
  const PATH = (process.env.PATH ?? "")
    .split(delimiter)
    .filter((part) => !part.startsWith(checkout))
    .join(delimiter);
  const args = ["--yes", packageManager, "--silent", "dlx", "--package", `link:${checkout}`, "baton", "keygen"];
  const child = spawn("npx", args, {
    cwd: folder,
    env: { ...process.env, PATH },
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [stdout, [code]] = await Promise.all([text(child.stdout), once(child, "close")]);
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^\w+:[A-Za-z0-9+/]{43}=\n$/)]);
});

/** A checkout in a folder of its own, with the launcher as it is and an entry that prints what it got. */
function setup(nodeOptions: readonly string[]) {
  const root = mkdtempSync(join(tmpdir(), "baton-launcher-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const cli = join(root, "apps/cli");
  const node = join(root, "node_modules/node/bin/node");
  for (const folder of [join(cli, "src"), join(cli, "dist"), dirname(node)]) mkdirSync(folder, { recursive: true });
  symlinkSync(process.execPath, node);
  cpSync(BIN, join(cli, "bin"), { recursive: true });
  writeFileSync(join(cli, "package.json"), JSON.stringify({ type: "module" }));
  writeFileSync(join(cli, "src/main.ts"), ENTRY);
  writeFileSync(join(cli, "dist/main.js"), ENTRY.replace(": string[]", ""));

  async function start(...args: string[]): Promise<{ child: ChildProcess; said: Said; ended: Promise<unknown[]> }> {
    const child = spawn(process.execPath, [...nodeOptions, join(cli, "bin/baton.mjs"), ...args], {
      cwd: root,
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    const ended = once(child, "exit");
    const [line] = await once(child.stdout, "data");
    return { child, said: JSON.parse(String(line)), ended };
  }

  return {
    root,
    node: process.execPath,
    start,
    remove: (part: string) => rmSync(join(cli, part), { recursive: true }),
  };
}
