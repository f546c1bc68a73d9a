import { createBatonClient } from "@baton/api";
import { createToken } from "@baton/vault";
import { expect, it } from "vitest";
import { startIntake } from "./world/baton.ts";
import { startRedisServer } from "./world/redis-server.ts";

const DESK = "https://desk.example.com";
const NUMBER = "15550100100";
const CONTEXT = { intent: "billing", caller: { name: "planted-caller" }, list: [1, null, "ü"] };

async function setup() {
  const intake = await startIntake(
    { pseudoNumbers: [NUMBER] },
    { BATON_CORS_ORIGINS: `${DESK},http://localhost:5173` },
  );
  const { connector, startAdmin } = intake;
  const { url, key: adminKey } = await startAdmin();
  const operator = createBatonClient({ adminUrl: url, adminKey });
  const { id: keyId, token: key } = await operator.createScreenPopKey(connector.id);
  const project = `/v1/${connector.accountId}/${connector.projectId}/handoff_state`;
  async function pop(query: string, headers: Record<string, string> = { "x-api-key": key }, path = project) {
    const { json, ...answer } = await intake.raw({
      method: "GET",
      path: path + query,
      headers: { authorization: "", ...headers },
    });
    return { ...answer, body: json };
  }
  return { ...intake, operator, key, keyId, project, pop };
}

const error = { error_message: expect.stringMatching(/\w/) };

it("shows the context of a handoff, by its own id, its call's, and its shared id", async () => {
  const { client, pop, redis, namespace, logLines } = await setup();
  const call = await client.registerCall({
    pseudoNumber: NUMBER,
    sipHeaders: { "X-InContact-ContactId": "1" },
    sharedId: "conversation/1 &?",
  });
  const { id } = await client.send({ callId: call.id, context: CONTEXT });
  const shown = { shared_id: call.sharedId, data: CONTEXT };
  expect(await pop(`?id=${id}`)).toMatchObject({ status: 200, body: { id, ...shown } });
  expect(await pop(`?id=${call.id}`)).toMatchObject({ status: 200, body: { id: call.id, ...shown } });
  const byShared = await pop(`?shared_id=${encodeURIComponent(call.sharedId ?? "")}`);
  expect([byShared.status, byShared.body]).toEqual([200, { id, ...shown }]);
  expect(byShared.headers.get("cache-control")).toBe("no-store");
  const dump = await Promise.all((await redis.keys(`{${namespace}:*`)).map((key) => redis.dumpBuffer(key)));
  expect(Buffer.concat(dump.flatMap((value) => value ?? [])).includes("planted-caller")).toBe(false);
  expect(logLines.join()).not.toContain("planted-caller");
});

it("shows the handoffs of a project with names as long as they may be", async () => {
  const { operator, connector, pop, send } = await setup();
  const [accountId, projectId] = ["a".repeat(128), "p".repeat(128)];
  await operator.patchConnector(connector.id, { accountId, projectId });
  const { id } = await send({ context: CONTEXT });
  const path = `/v1/${accountId}/${projectId}/handoff_state`;
  await expect.poll(async () => (await pop(`?id=${id}`, undefined, path)).body).toEqual({ id, data: CONTEXT });
});

it("shows nothing of a disabled connector", async () => {
  const { client, pop, operator, connector } = await setup();
  const { id } = await client.send({ contactId: "1", context: CONTEXT });
  await operator.patchConnector(connector.id, { enabled: false });
  await expect
    .poll(() => pop(`?id=${id}`))
    .toMatchObject({
      status: 403,
      body: { error_message: "this connector is disabled; an administrator can enable it" },
    });
  await operator.patchConnector(connector.id, { enabled: true });
  await expect.poll(() => pop(`?id=${id}`)).toMatchObject({ status: 200, body: { data: CONTEXT } });
});

it("shows the newest of several, and lets the shared id win over the id", async () => {
  const { client, pop } = await setup();
  const older = await client.send({ contactId: "1", sharedId: "s", context: { n: 1 } });
  const newer = await client.send({ contactId: "2", sharedId: "s", context: { n: 2 } });
  const alone = await client.send({ contactId: "3" });
  expect((await pop("?shared_id=s")).body).toEqual({ id: newer.id, shared_id: "s", data: { n: 2 } });
  expect((await pop(`?id=${older.id}`)).body.data).toEqual({ n: 1 });
  expect((await pop(`?id=${alone.id}&shared_id=s`)).body.id).toBe(newer.id);
  expect((await pop(`?id=${alone.id}`)).body).toEqual({ id: alone.id, data: {} });
});

it("shows the handoff that named a call last", async () => {
  const { client, pop } = await setup();
  const { id: callId } = await client.registerCall({
    pseudoNumber: NUMBER,
    sipHeaders: { "X-InContact-ContactId": "1" },
  });
  expect(await pop(`?id=${callId}`)).toMatchObject({ status: 404, body: error });
  await client.send({ callId, context: { n: 1 } });
  await client.send({ callId, context: { n: 2 } });
  expect((await pop(`?id=${callId}`)).body).toEqual({ id: callId, data: { n: 2 } });
});

it("still shows what was cancelled", async () => {
  const { client, pop } = await setup();
  const { id } = await client.send({ contactId: "1", context: CONTEXT });
  await client.cancel(id);
  expect((await pop(`?id=${id}`)).body.data).toEqual(CONTEXT);
});

it("opens a project's own state only, whatever key, project or id is tried", async () => {
  const { client, pop, connector, createConnector, clientOf, ingressUrl, key, token } = await setup();
  const other = await createConnector({ pseudoNumbers: ["200"] });
  const foreign = await clientOf(other).send({
    contactId: "9",
    sharedId: "shared-by-both",
    context: { secret: "planted" },
  });
  const { id: foreignCall } = await clientOf(other).registerCall({
    pseudoNumber: "200",
    sipHeaders: { "X-InContact-ContactId": "9" },
  });
  await clientOf(other).send({ callId: foreignCall, context: { secret: "planted" } });
  const { id } = await client.send({ contactId: "1", context: CONTEXT });
  const elsewhere = `/v1/acme/${other.connector.projectId}/handoff_state`;
  const tried = [
    [403, await pop(`?id=${foreign.id}`, { "x-api-key": key }, elsewhere)],
    [403, await pop("", { "x-api-key": key }, `/v1/other/${connector.projectId}/handoff_state`)],
    [404, await pop(`?id=${foreign.id}`)],
    [404, await pop(`?id=${foreignCall}`)],
    [404, await pop("?shared_id=shared-by-both")],
    [404, await pop("?id=nonsense")],
    [401, await pop(`?id=${id}`, {})],
    [401, await pop(`?id=${id}`, { "x-api-key": "bk_wrong" })],
    [401, await pop(`?id=${id}`, { "x-api-key": createToken("bk").token })],
    [401, await pop(`?id=${id}`, { "x-api-key": token })],
    [401, await pop(`?id=${id}`, { "x-api-key": `bt${key.slice(2)}` })],
    [401, await pop(`?id=${id}`, { authorization: `Bearer ${key}` })],
  ] as const;
  expect(tried.map(([, { status, body }]) => [status, body])).toEqual(tried.map(([status]) => [status, error]));
  expect(JSON.stringify(tried)).not.toContain("planted");
  await expect(createBatonClient({ ingressUrl, token: key }).send({ contactId: "1" })).rejects.toMatchObject({
    status: 401,
  });
});

it.each(["", "?", "?id=", "?shared_id=", "?id=a&id=b", `?id=${"x".repeat(300)}`, "?foo=1"])(
  "wants an id or a shared id, not %j",
  async (query) => {
    const { pop } = await setup();
    expect(await pop(query)).toMatchObject({ status: 400, body: error });
  },
);

it("lets the browsers of the named origins read every answer, and no others", async () => {
  const { project, pop, key, ingressUrl } = await setup();
  const preflight = (origin: string) =>
    fetch(ingressUrl + project, {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "GET", "access-control-request-headers": "x-api-key" },
    });
  const allowed = await preflight(DESK);
  expect([allowed.status, allowed.headers.get("access-control-allow-origin"), allowed.headers.get("vary")]).toEqual([
    204,
    DESK,
    "Origin",
  ]);
  expect(allowed.headers.get("access-control-allow-methods")).toContain("GET");
  expect(allowed.headers.get("access-control-allow-headers")).toContain("x-api-key");
  const statuses = [];
  for (const headers of [{ "x-api-key": key }, { "x-api-key": "" }]) {
    const answer = await pop("?id=unknown", { ...headers, origin: "http://localhost:5173" });
    statuses.push([answer.status, answer.headers.get("access-control-allow-origin")]);
  }
  expect(statuses).toEqual([
    [404, "http://localhost:5173"],
    [401, "http://localhost:5173"],
  ]);
  for (const origin of ["https://evil.example.com", `${DESK}.evil.example`, "null", "http://desk.example.com"]) {
    const answers = [await preflight(origin), await pop("?id=unknown", { "x-api-key": key, origin })];
    expect(answers.map(({ headers }) => [headers.get("access-control-allow-origin"), headers.get("vary")])).toEqual(
      Array(2).fill([null, "Origin"]),
    );
  }
});

it("closes to a key within two seconds of its revocation, and shows when it was used", async () => {
  const { client, operator, connector, pop, keyId } = await setup();
  const { id } = await client.send({ contactId: "1" });
  expect((await pop(`?id=${id}`)).status).toBe(200);
  await expect
    .poll(async () => (await operator.screenPopKeys(connector.id)).items[0]?.lastUsedAt, { timeout: 5_000 })
    .toBeDefined();
  await operator.revokeScreenPopKey(connector.id, keyId);
  await expect.poll(async () => (await pop(`?id=${id}`)).status, { timeout: 2_000, interval: 20 }).toBe(401);
});

it("answers 500, in the Handoff API's words, while Redis is away", async () => {
  const server = await startRedisServer();
  const { ingressUrl, connector } = await startIntake({}, { BATON_REDIS_URL: server.url });
  await server.stop();
  const url = `${ingressUrl}/v1/${connector.accountId}/${connector.projectId}/handoff_state?id=x`;
  const answer = await fetch(url, { headers: { "x-api-key": createToken("bk").token } });
  expect([answer.status, await answer.json()]).toEqual([500, error]);
});

it("stands in the OpenAPI document as it is", async () => {
  const { raw } = await setup();
  const { json: document } = await raw({ method: "GET", path: "/openapi.json" });
  const { get } = document.paths["/v1/{accountId}/{projectId}/handoff_state"];
  expect(Object.keys(get.responses)).toEqual(["200", "400", "401", "403", "404", "500"]);
  expect(get.security).toEqual([{ screenPopKey: [] }]);
  expect(document.components.securitySchemes.screenPopKey).toMatchObject({
    type: "apiKey",
    in: "header",
    name: "x-api-key",
  });
  expect(get.parameters.map(({ name }: { name: string }) => name).sort()).toEqual([
    "accountId",
    "id",
    "projectId",
    "shared_id",
  ]);
});
