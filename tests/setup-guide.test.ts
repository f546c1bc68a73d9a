/** docs/setup.md, followed literally: its commands, in their order, against a simulator. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createBatonClient } from "@baton/api";
import type { AccessKey, ScopedFault } from "@baton/simulator";
import { expect, it, onTestFinished } from "vitest";
import { blocksOf, freePorts, ROOT, readGuide, startShell } from "./world/guide.ts";
import { startRedisServer } from "./world/redis-server.ts";
import { type ConnectorChange, createWorld } from "./world/world.ts";

const KEY = {
  clientId: "app@nice",
  clientSecret: "client-secret",
  accessKeyId: "AK====",
  accessKeySecret: "key-secret====",
};
const GUIDE = readGuide("docs/setup.md");

it("leads to a delivered handoff", async () => {
  const { code, stdout, stderr, shared } = await follow(blocksOf(GUIDE, "sh"));
  expect(code, `${stdout}\n${stderr}`).toBe(0);
  expect(stderr).toMatch(/^admin key +ba_/m);
  expect(shared, "what others on this machine may read").toEqual([]);
  expect(stdout).toMatch(/acme\/PROJECT-SUPPORT\/live +cn_\w+ +created\n/);
  expect(stdout).toContain("\n1 unchanged\n");
  expect(stdout).toMatch(/pseudo numbers +\+15550100100\n/);
  expect(stdout).toMatch(/signal +good .*CXone took the signal/);
  expect(stdout).toContain("Nothing is wrong");
  expect(stdout).toMatch(/"contactId":"100000000001","sharedId":"conversation-1"/);
  expect(stdout).toMatch(/status +delivered\n/);
  expect(stdout).toMatch(/"shared_id":"conversation-1","data":\{"intent":"billing"\}/);
  const seen = JSON.parse(stdout.slice(stdout.lastIndexOf('{"items"')));
  expect(seen.items).toMatchObject([
    { contactId: "100000000001", params: { p1: "Escalate", p2: "test" } },
    {
      contactId: "100000000001",
      params: { p1: "Escalate", p2: "billing question", p9: expect.stringMatching(/^ho_/) },
    },
  ]);
}, 120_000);

it("shows the connector that is in the examples", () => {
  expect(blocksOf(GUIDE, "yaml")).toEqual([readFileSync(join(ROOT, "examples/polyai/connector.yaml"), "utf8")]);
});

const SIGNAL = { contactId: "100000000001" };

it.each([
  {
    step: "discovery",
    says: "is not an allowed host",
    connector: { cxone: { issuer: "https://evilniceincontact.com" } },
  },
  { step: "discovery", says: "connection was not made", connector: { cxone: { issuer: "http://127.0.0.1:9" } } },
  { step: "discovery", says: "the proxy", environment: { BATON_EGRESS_PROXY: "http://127.0.0.1:9" } },
  { step: "discovery", says: "HTTP 404", fault: { on: "discovery", status: 404 } },
  { step: "discovery", says: "HTTP 503", fault: { on: "discovery", status: 503 } },
  { step: "token", says: "HTTP 429", fault: { on: "token", status: 429 } },
  { step: "token", says: "invalid_client", key: { clientSecret: "another" } },
  { step: "token", says: "invalid_grant", key: { accessKeySecret: "another" } },
  { step: "api", says: "names no tenant", fault: { on: "token", body: { access_token: "x" } } },
  { step: "api", says: "cxone-configuration", fault: { on: "discovery", status: 404, accessKeyId: KEY.accessKeyId } },
  { step: "api", says: "server-time: HTTP 401", fault: { on: "api", status: 401 } },
  { step: "api", says: "server-time: HTTP 403", fault: { on: "api", status: 403 } },
  { step: "api", says: "server-time: HTTP 404", fault: { on: "api", status: 404 } },
  { step: "signal", says: "unauthorized, HTTP 401", fault: { status: 401 } },
  { step: "signal", says: "unauthorized, HTTP 403", fault: { status: 403 } },
  { step: "signal", says: "rejected, HTTP 404", fault: { status: 404 } },
  { step: "signal", says: "rejected, HTTP 400", fault: { status: 400 } },
  { step: "signal", says: "ambiguous", fault: { reset: "after" } },
  { step: "signal", says: "CXone took the signal" },
] satisfies readonly Trouble[])(
  "knows what verify says at $step: $says",
  async ({ step, says, ...trouble }: Trouble) => {
    const last = await lastStep(trouble);
    expect(last).toMatchObject({ name: step, detail: expect.stringContaining(says) });
    expect(
      rows().some(
        ([at = "", said = ""]) => [step, "any", "none"].includes(at.split(",")[0] ?? "") && said.includes(says),
      ),
    ).toBe(true);
  },
);

interface Trouble {
  readonly step: string;
  readonly says: string;
  readonly connector?: ConnectorChange;
  readonly environment?: Readonly<Record<string, string>>;
  readonly fault?: ScopedFault;
  readonly key?: Partial<AccessKey>;
}

async function lastStep({ connector: change = {}, environment = {}, fault, key }: Partial<Trouble>) {
  const { simulator, startAdmin, createConnector } = await createWorld(environment);
  const { connector } = await createConnector({ ...change, credentials: KEY });
  if (fault !== undefined) simulator.answer(fault);
  if (key !== undefined) simulator.accessKey({ ...KEY, ...key });
  const admin = await startAdmin();
  const { steps } = await createBatonClient({ adminUrl: admin.url, adminKey: admin.key }).verifyConnector(
    connector.id,
    SIGNAL,
  );
  return steps.at(-1);
}

/** rows are those of "When verify says no". */
function rows(): readonly (readonly string[])[] {
  const [, table = ""] = /## When verify says no\n(.*?)\n## /s.exec(GUIDE) ?? [];
  return table.split("\n").flatMap((line) => (line.startsWith("| ") ? [line.slice(2).split(" | ")] : []));
}

/** follow gives the commands to one shell, in the checkout, with ports, a Redis and a folder of its own. */
async function follow(commands: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), "baton-setup-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const redis = await startRedisServer();
  const [ingress = "", admin = "", worker = "", simulator = ""] = await freePorts(4);
  const client = join(folder, "client");
  const env = {
    CLIENT_FOLDER: client,
    BATON_REDIS_URL: redis.url,
    BATON_INGRESS_PORT: ingress,
    BATON_ADMIN_PORT: admin,
    BATON_WORKER_PORT: worker,
    BATON_SIMULATOR_PORT: simulator,
  };
  const { code, stdout, stderr } = await startShell(commands, { env }).ended;
  const log = (name: string) => (existsSync(join(client, name)) ? readFileSync(join(client, name), "utf8") : "");
  const shared = readdirSync(client).filter((name) => (statSync(join(client, name)).mode & 0o077) !== 0);
  return { code, stdout, stderr: stderr + log("baton.addresses"), shared };
}
