/** `baton connectors` as an operator runs it: processes of their own, against a real admin. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createBatonClient } from "@baton/api";
import { expect, it, onTestFinished } from "vitest";
import { runBaton } from "../apps/cli/testing/run-baton.ts";
import { createWorld } from "./world/world.ts";

const SECRETS = {
  ACME_CLIENT_SECRET: "planted-client-secret",
  ACME_KEY_ID: "planted-key-id",
  ACME_KEY_SECRET: "planted-key-secret",
};

async function setup() {
  const world = await createWorld();
  const { url, key } = await world.startAdmin();
  const operator = { BATON_ADMIN_URL: url, BATON_ADMIN_KEY: key };
  const folder = mkdtempSync(join(tmpdir(), "baton-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const said: string[] = [];
  /** Runs `baton connectors …` with the secrets in its environment. */
  async function connectors(
    args: readonly string[],
    { env = SECRETS, input = "" }: { env?: Record<string, string>; input?: string } = {},
  ) {
    const ended = await runBaton(["connectors", ...args], { env: { ...operator, ...env }, input });
    said.push(ended.stdout, ended.stderr);
    return { ...ended, json: () => JSON.parse(ended.stdout) };
  }
  return {
    ...world,
    connectors,
    said,
    client: createBatonClient({ adminUrl: url, adminKey: key }),
    file: (name: string, text?: string) => {
      if (text !== undefined) writeFileSync(join(folder, name), text);
      return join(folder, name);
    },
    registryVersion: () => world.redis.hget(`{${world.namespace}}:meta`, "version"),
  };
}

const CREDENTIALS = `{clientId: baton@acme, clientSecret: "\${ACME_CLIENT_SECRET}", accessKeyId: "\${ACME_KEY_ID}", accessKeySecret: "\${ACME_KEY_SECRET}"}`;

function yamlOf(issuer: string, { name = "Support", number = "+15550100100" } = {}): string {
  return `
- name: ${name}
  accountId: acme
  projectId: support-line
  businessUnit: 0045
  pseudoNumbers: [${number}]
  cxone: {issuer: "${issuer}"}
  credentials: ${CREDENTIALS}
- name: Billing
  accountId: acme
  projectId: billing
  businessUnit: null
  environment: draft
  cxone: {issuer: "${issuer}"}
  credentials: ${CREDENTIALS}
`;
}

const results = (json: { results: { project: string; result: string; changed: string[] }[] }) =>
  json.results.map(({ project, result, changed }) => [project, result, changed]);

it("applies a file, changes nothing by applying it again, and then only what differs", async () => {
  const { connectors, client, file, simulator, said, registryVersion } = await setup();
  const first = yamlOf(simulator.url);
  const path = file("connectors.yaml", first);
  const tried = await connectors(["apply", path, "--dry-run"]);
  expect(tried).toMatchObject({ code: 0, stderr: "" });
  expect(tried.stdout).toContain("2 would be created (dry run: nothing was sent)");
  expect((await client.connectors()).items).toEqual([]);

  const created = await connectors(["apply", path, "--json"]);
  expect(created.json().results).toMatchObject([
    { project: "acme/support-line/live", result: "created" },
    { project: "acme/billing/draft", result: "created" },
  ]);
  const [support] = (await client.connectors()).items;
  expect(support).toMatchObject({ name: "Support", businessUnit: "0045", pseudoNumbers: ["+15550100100"] });

  const version = await registryVersion();
  const again = await connectors(["apply", "-"], { input: first });
  expect(again).toMatchObject({ code: 0, stderr: "" });
  expect(again.stdout).toMatch(/acme\/support-line\/live +cn_\w+ +unchanged\n/);
  expect(again.stdout).toContain("\n2 unchanged\n");
  expect(await registryVersion()).toBe(version);

  file("connectors.yaml", yamlOf(simulator.url, { name: "Support EMEA" }));
  const env = { ...SECRETS, ACME_KEY_SECRET: "planted-rotated" };
  const wanted = [
    ["acme/support-line/live", ["/name", "/credentials/accessKeySecret"]],
    ["acme/billing/draft", ["/credentials/accessKeySecret"]],
  ];
  expect(results((await connectors(["apply", path, "--dry-run", "--json"], { env })).json())).toEqual(
    wanted.map(([project, changed]) => [project, "to-change", changed]),
  );
  expect(await registryVersion()).toBe(version);
  const changed = await connectors(["apply", path], { env });
  expect(changed.stdout).toMatch(/acme\/support-line\/live +cn_\w+ +changed +name, credentials\.accessKeySecret\n/);
  expect((await connectors(["apply", path], { env })).stdout).toContain("2 unchanged");
  expect(said.join("")).not.toContain("planted");
});

it("refuses a field that it does not know, also where it is null and the connector is new", async () => {
  const { connectors, client, simulator } = await setup();
  const input = yamlOf(simulator.url).replace("businessUnit: null", "busynessUnit: null");
  const { code, stdout } = await connectors(["apply", "-"], { input });
  expect({ code, stdout }).toEqual({
    code: 1,
    stdout: expect.stringContaining('/busynessUnit: unknown field "busynessUnit"'),
  });
  expect((await client.connectors()).items).toEqual([]);
});

it("sends nothing where variables are not set, and names them all", async () => {
  const { connectors, client, simulator } = await setup();
  const ended = await connectors(["apply", "-"], {
    env: { ACME_KEY_ID: "x", ACME_KEY_SECRET: "" },
    input: yamlOf(simulator.url),
  });
  expect(ended).toMatchObject({ code: 2, stdout: "" });
  expect(ended.stderr).toContain(
    "stdin refers to what is not set in the environment: ACME_CLIENT_SECRET, ACME_KEY_SECRET; nothing was sent",
  );
  expect((await client.connectors()).items).toEqual([]);
});

it("sends none where one is refused, and says which and why", async () => {
  const { connectors, client, simulator } = await setup();
  const bad = `${yamlOf(simulator.url)}- {name: Bad, accountId: acme, projectId: bad, cxone: {issuer: "https://localhost"}, credentials: ${CREDENTIALS}}\n`;
  const ended = await connectors(["apply", "-", "--json"], { input: bad });
  expect([ended.code, results(ended.json()).map(([, result]) => result)]).toEqual([
    1,
    ["not-sent", "not-sent", "failed"],
  ]);
  expect(ended.json().results[2].detail).toContain("/cxone/issuer: https://localhost is not an allowed host");
  expect((await client.connectors()).items).toEqual([]);
});

it("names the connector whose number is taken, carries on with the others, and exits 1", async () => {
  const { connectors, client, simulator, createConnector } = await setup();
  await createConnector({ pseudoNumbers: ["1 (555) 0100-100"] });
  const ended = await connectors(["apply", "-"], { input: yamlOf(simulator.url) });
  expect(ended.code).toBe(1);
  expect(ended.stdout).toMatch(
    /acme\/support-line\/live: 409 .*pseudo number.*\n +\/pseudoNumbers\/0: belongs to another connector\n +take it from that one first/,
  );
  expect(ended.stdout).toContain("1 created, 1 failed");
  expect((await client.connectors()).items.map(({ name }) => name)).toEqual(["test", "Billing"]);
});

it("warns of a secret that stands in the file itself, and does not repeat it", async () => {
  const { connectors, simulator, said } = await setup();
  const input = yamlOf(simulator.url).replaceAll(`\${ACME_CLIENT_SECRET}`, "planted-literal");
  const ended = await connectors(["apply", "-"], { input });
  expect([ended.code, ended.stderr]).toEqual([
    0,
    expect.stringContaining('warning: credentials.clientSecret of "Support" stands in the file itself'),
  ]);
  expect(said.join("")).not.toContain("planted");
});

it("exports what can be applied again, without a secret", async () => {
  const { connectors, file, simulator, said, client } = await setup();
  await connectors(["apply", "-"], { input: yamlOf(simulator.url) });
  const [support] = (await client.connectors()).items;
  await client.patchConnector(support?.id ?? "", {
    delivery: { rate: null, handoffIdParam: "p9" },
    cxone: { tenantId: "t-1" },
  });
  const path = file("export.yaml");
  const exported = await connectors(["export", "--output", path]);
  expect([exported.code, exported.stdout]).toEqual([0, ""]);
  const variables = [...readFileSync(path, "utf8").matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name ?? "");
  expect(variables).toHaveLength(8);
  for (const name of variables) expect(exported.stderr).toContain(name);
  const secretFor = (name: string) => {
    if (name.endsWith("CLIENT_ID")) return "baton@acme";
    return name.endsWith("CLIENT_SECRET")
      ? SECRETS.ACME_CLIENT_SECRET
      : name.endsWith("KEY_ID")
        ? SECRETS.ACME_KEY_ID
        : SECRETS.ACME_KEY_SECRET;
  };
  const env = Object.fromEntries(variables.map((name) => [name, secretFor(name)]));
  expect((await connectors(["apply", path], { env })).stdout).toContain("2 unchanged");
  const json = await connectors(["export", "Billing", "--json"]);
  expect(json.json()).toMatchObject([
    { name: "Billing", credentials: { clientSecret: `\${CXONE_ACME_BILLING_DRAFT_CLIENT_SECRET}` } },
  ]);
  expect(said.join("") + readFileSync(path, "utf8")).not.toContain("planted");
});

it("verifies a connector by its name, with a test signal where asked to, and says what to do where it ends", async () => {
  const { connectors, createConnector, simulator } = await setup();
  const { connector } = await createConnector();
  const good = await connectors(["verify", "test", "--contact-id", "100000000001", "--p1", "Escalate"]);
  expect(good).toMatchObject({ code: 0, stderr: "" });
  for (const step of ["discovery", "token", "api", "signal"])
    expect(good.stdout).toMatch(new RegExp(`^${step} +good +\\d+ ms`, "m"));
  expect(good.stdout).toContain("- that a Studio script acted on the test signal");
  expect(simulator.signals()).toMatchObject([{ contactId: "100000000001", params: { p1: "Escalate" } }]);

  simulator.answer({ on: "token", status: 401, body: { error: "invalid_client" } });
  const bad = await connectors(["verify", connector.id, "--json"]);
  expect([bad.code, bad.json()]).toMatchObject([
    1,
    {
      connectorId: connector.id,
      ok: false,
      steps: [
        { name: "discovery", ok: true },
        { name: "token", ok: false, remedy: expect.stringContaining("clientSecret") },
      ],
    },
  ]);
  const table = await connectors(["verify", connector.id]);
  expect(table.stdout).toMatch(
    /^token +bad +\d+ ms +token endpoint: HTTP 401 invalid_client; that was a moment ago: .+\n\nWhat to do: CXone does not know this client/m,
  );

  await createConnector();
  const both = await connectors(["verify", "test"]);
  expect([both.code, both.stderr]).toEqual([1, expect.stringContaining(`${connector.id}, cn_`)]);
  expect(await connectors(["verify", "no such connector"])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('"no such connector"'),
  });
  expect(await connectors(["verify", connector.id, "--p1", "x"])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("--contact-id"),
  });
});

it("pauses and resumes one connector, and everything", async () => {
  const { connectors, createConnector, client } = await setup();
  const { connector } = await createConnector();
  const paused = async () => [(await client.overview()).paused, (await client.connector(connector.id)).paused];
  expect((await connectors(["pause", connector.id])).stdout).toContain("is paused");
  expect((await connectors(["pause", "--all", "--json"])).json()).toEqual({ paused: true });
  await expect.poll(paused, { timeout: 5_000 }).toEqual([true, true]);
  expect((await connectors(["resume", "test", "--json"])).json()).toMatchObject({ id: connector.id, paused: false });
  expect((await connectors(["resume", "--all"])).code).toBe(0);
  await expect.poll(paused, { timeout: 5_000 }).toEqual([false, false]);
  const until = await connectors(["pause", connector.id, "--until", "30m"]);
  expect(until.stdout).toMatch(/It goes on by itself .* whose deadline is before that is refused \(429\)/);
  expect((await connectors(["show", connector.id])).stdout).toMatch(/^state +paused until \S+Z \(in (30|29) min\)$/m);
  expect((await connectors(["list"])).stdout).toMatch(/ paused, ends in (30|29) min$/m);
  expect((await connectors(["pause"])).code).toBe(2);
  expect((await connectors(["pause", connector.id, "--all"])).code).toBe(2);
});
