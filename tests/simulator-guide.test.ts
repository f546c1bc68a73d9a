/** docs/simulator.md, followed literally, and held complete: every endpoint, fault and setting. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { FAULT_MEMBERS, startSimulator } from "@baton/simulator";
import { expect, it, onTestFinished } from "vitest";
import { blocksOf, freePorts, ROOT, readGuide, startShell } from "./world/guide.ts";

const GUIDE = readGuide("docs/simulator.md");
/** Writes down what curl is asked; one that is not to show a refusal (`-i`) fails where it is refused. */
const CURL = `curl() {
  printf '%s\\x1f' "$@" >>"$CALLS"; printf '\\n' >>"$CALLS"
  case " $* " in *" -i "*) command curl "$@" ;; *) command curl --fail-with-body "$@" ;; esac
}`;

async function setup() {
  const folder = mkdtempSync(join(tmpdir(), "baton-simulator-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const calls = join(folder, "calls");
  const [port = ""] = await freePorts(1);
  const PATH = [join(ROOT, "node_modules/.bin"), process.env.PATH].join(delimiter);
  const shell = startShell([CURL, ...blocksOf(GUIDE, "sh")], {
    cwd: folder,
    env: { PATH, CALLS: calls, BATON_SIMULATOR_PORT: port },
  });
  return { ended: await shell.ended, calls: () => readFileSync(calls, "utf8").trimEnd().split("\n").map(callOf) };
}

/** callOf is what one curl asked. */
function callOf(line: string): { readonly method: string | undefined; readonly path: string } {
  const args = line.split("\x1f");
  const isPost = args.includes("-d");
  const method = args.includes("-X") ? args[args.indexOf("-X") + 1] : isPost ? "POST" : "GET";
  const url = new URL(args.find((arg) => arg.startsWith("http://")) ?? "http://none");
  return { method, path: url.pathname };
}

it("works as it stands, command by command, and asks every endpoint", async () => {
  const { ended, calls } = await setup();
  expect(ended.code, `${ended.stdout}\n${ended.stderr}`).toBe(0);
  expect(ended.stdout).toMatch(/HTTP\/1\.1 503 .*?retry-after: 2/is);
  const asked = calls();
  const { endpoints } = await open();
  const unasked = endpoints.filter(
    ({ method, path }) => !asked.some((call) => call.method === method && path.test(call.path)),
  );
  expect(unasked).toEqual([]);
});

it("has a row for every member of a fault, and for every setting with its default", async () => {
  const rows = GUIDE.split("\n").flatMap((line) => (line.startsWith("| `") ? [line] : []));
  expect(FAULT_MEMBERS.filter((name) => !rows.some((row) => row.split(" | ")[0]?.includes(`\`${name}\``)))).toEqual([]);
  const settings = Object.entries((await open()).settings());
  const isDocumented = ([name, value]: [string, unknown]) =>
    rows.some((row) => row.includes(`\`${name}\``) && row.replaceAll("`", "").includes(`| ${value} |`));
  expect(settings.filter((setting) => !isDocumented(setting))).toEqual([]);
});

async function open() {
  const simulator = await startSimulator();
  onTestFinished(() => simulator.close());
  return simulator;
}
