/**
 * The README, followed literally by a newcomer: what to run, and each step after it, with the simulator in CXone's
 * place.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { startSimulator } from "@baton/simulator";
import { expect, it, onTestFinished } from "vitest";
import { blocksOf, freePorts, ROOT, readGuide, sectionOf, startShell } from "./world/guide.ts";

const README = readGuide("README.md");
const [RUN = "", OTHER_TERMINAL = ""] = blocksOf(sectionOf(README, "Run it"), "sh");
const STEPS = [
  OTHER_TERMINAL,
  ...blocksOf(sectionOf(README, "Connect a project"), "sh"),
  ...blocksOf(sectionOf(README, "Send a handoff"), "sh"),
];

/** A newcomer's home and folder, free ports, and a simulator for CXone. */
async function setup() {
  const home = mkdtempSync(join(tmpdir(), "baton-newcomer-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const simulator = await startSimulator();
  onTestFinished(() => simulator.close());
  const [ingress = "", admin = "", worker = ""] = await freePorts(3);
  const env = {
    HOME: home,
    BATON_INGRESS_PORT: ingress,
    BATON_ADMIN_PORT: admin,
    BATON_WORKER_PORT: worker,
    BATON_ALLOWED_HOSTS: "http://127.0.0.1:*",
  };
  const asHere = (block: string) =>
    block
      .replaceAll("127.0.0.1:8080", `127.0.0.1:${ingress}`)
      .replaceAll("127.0.0.1:8081", `127.0.0.1:${admin}`)
      .replaceAll("https://cxone.niceincontact.com", simulator.url);
  const PATH = [join(ROOT, "node_modules/.bin"), process.env.PATH].join(delimiter);
  return { home, simulator, env, steps: STEPS.map(asHere), otherTerminal: { cwd: home, env: { ...env, PATH } } };
}

it("leads from a checkout to two delivered handoffs", async () => {
  const { home, simulator, env, steps, otherTerminal } = await setup();
  const up = startShell([RUN], { env });
  const [line = ""] = await up.until(/^ +export BATON_ADMIN_KEY=.*$/m);
  // What `up` prints is what the README says.
  expect(line.trim()).toBe(`export BATON_ADMIN_KEY="$(cat ${join(home, ".local/share/baton/admin-key")})"`);
  const { code, stdout, stderr } = await startShell(steps, otherTerminal).ended;
  expect(code, `${stdout}\n${stderr}`).toBe(0);
  expect(stdout).toContain("Nothing is wrong");
  expect(stdout).toMatch(/^token +good/m);
  expect(stdout).toMatch(/HTTP\/1\.1 200 OK.*"status":"delivered"/s);
  await simulator.untilSignals(2);
  expect(simulator.signals()[0]).toMatchObject({
    contactId: "100000000001",
    params: { p1: "Escalate", p2: "billing question" },
  });
  expect(readFileSync(join(home, ".local/share/baton/admin-key"), "utf8")).toMatch(/^ba_/);
}, 120_000);
