import { type AuditEntryJson, createBatonClient } from "@baton/api";
import type { Redis } from "ioredis";
import { expect, it } from "vitest";
import { startIntake } from "./world/baton.ts";
import { createRawClient } from "./world/raw-client.ts";
import type { ConnectorChange } from "./world/world.ts";

const CONTACT = "100000000001";
const CREDENTIALS = {
  clientId: "planted-client-id",
  clientSecret: "planted-client-secret",
  accessKeyId: "planted-access-key-id",
  accessKeySecret: "planted-access-key-secret",
};

async function setup(environment: Record<string, string> = {}, change: ConnectorChange = {}) {
  const baton = await startIntake(change, environment);
  const { url, key, life } = await baton.startAdmin();
  const clientOf = (adminKey: string) => createBatonClient({ adminUrl: url, adminKey });
  const first = clientOf(key);
  const body = { name: "Acme support line", accountId: "acme", projectId: "support-line", credentials: CREDENTIALS };
  return { ...baton, first, clientOfKey: clientOf, admin: { url, key, life }, body, ask: createRawClient(url, key) };
}

/** What an entry says, without who and when. */
function factsOf({ action, targetId, connectorId, note, outcome }: AuditEntryJson) {
  return [action, targetId, connectorId, note, outcome];
}

it("writes every change down: who, what, to which id, with which note, from where", async () => {
  const { first, clientOfKey, body, connector, admin, send } = await setup();
  const { id: keyId, token } = await first.createAdminKey({ name: "Ana", role: "admin" });
  const ana = clientOfKey(token);
  const cn = connector.id;
  const created = await ana.createConnector(body);
  await ana.patchConnector(created.id, {
    enabled: false,
    delivery: { maxAttempts: 3 },
    credentials: { clientSecret: "planted-new" },
  });
  await ana.pauseConnector(created.id);
  await ana.resumeConnector(created.id);
  await ana.verifyConnector(cn);
  await ana.verifyConnector(cn, { contactId: CONTACT });
  const issued = await ana.createToken(cn, { overlapMs: 60_000 });
  await ana.revokeToken(cn, issued.id);
  const popKey = await ana.createScreenPopKey(cn);
  await ana.revokeScreenPopKey(cn, popKey.id);
  await ana.pause();
  await ana.resume();
  const handoff = await send({ delayMs: 60_000 });
  await createRawClient(admin.url, token)({ path: `/admin/v1/handoffs/${handoff.id}/cancel` });
  await ana.deleteConnector(created.id);
  await ana.revokeAdminKey(keyId);
  const { items } = await first.audit({ limit: 500 });
  expect(items.toReversed().map(factsOf)).toEqual([
    ["admin-key.issue", keyId, undefined, undefined, "done"],
    ["connector.create", created.id, created.id, undefined, "done"],
    ["connector.change", created.id, created.id, undefined, "done"],
    ["connector.pause", created.id, created.id, undefined, "done"],
    ["connector.resume", created.id, created.id, undefined, "done"],
    ["connector.verify", cn, cn, undefined, "done"],
    ["token.issue", issued.id, cn, undefined, "done"],
    ["token.revoke", issued.id, cn, undefined, "done"],
    ["screen-pop-key.issue", popKey.id, cn, undefined, "done"],
    ["screen-pop-key.revoke", popKey.id, cn, undefined, "done"],
    ["everything.pause", undefined, undefined, undefined, "done"],
    ["everything.resume", undefined, undefined, undefined, "done"],
    ["handoff.cancel", handoff.id, cn, undefined, "done"],
    ["connector.delete", created.id, created.id, undefined, "done"],
    ["admin-key.revoke", keyId, undefined, undefined, "done"],
  ]);
  expect(items.map(({ address }) => address)).toEqual(items.map(() => "127.0.0.1"));
  expect(items.at(-1)).toMatchObject({ actor: { id: "BATON_ADMIN_KEY" }, about: { name: "Ana", role: "admin" } });
  expect(items.slice(0, -1).map(({ actor }) => actor)).toEqual(
    Array(items.length - 1).fill({ id: keyId, name: "Ana" }),
  );
  expect(items.find(({ action }) => action === "connector.change")).toMatchObject({
    members: ["/enabled", "/delivery/maxAttempts", "/credentials/clientSecret"],
    about: { enabled: "false" },
  });
});

it("keeps the note of a replay and of a discard, and says what was refused and changed nothing", async () => {
  const { startWorker, first, connector, simulator, deliver } = await setup();
  await startWorker();
  simulator.contact(CONTACT, "ended");
  const [dead, other] = [await deliver({ contactId: CONTACT }), await deliver({ contactId: CONTACT })];
  expect([dead.status, other.status]).toEqual(["dead", "dead"]);
  await first.discard(other.id, { note: "the caller has gone" });
  await expect(first.discard(other.id, { note: "again" })).rejects.toMatchObject({ code: "not-dead" });
  await first.replay(dead.id, { note: "CXone is repaired", deadlineMs: 5_000 });
  await expect(first.replay("ho_none", { note: "guessed" })).rejects.toMatchObject({ code: "not-found" });
  const { items } = await first.audit();
  const cn = connector.id;
  expect(items.map(factsOf)).toEqual([
    ["dead-letter.replay", "ho_none", undefined, "guessed", "refused"],
    ["dead-letter.replay", dead.id, cn, "CXone is repaired", "done"],
    ["dead-letter.discard", other.id, undefined, "again", "refused"],
    ["dead-letter.discard", other.id, cn, "the caller has gone", "done"],
  ]);
  expect(items.map(({ problem }) => problem)).toEqual(["not-found", undefined, "not-dead", undefined]);
  expect(items[1]?.about).toEqual({ deadlineMs: "5000", force: "false" });
  expect((await first.audit({ id: dead.id })).items.map(({ id }) => id)).toEqual([items[1]?.id]);
  expect((await first.audit({ id: cn })).items).toHaveLength(2);
});

it("leaves no entry of what changes nothing: reading, a body that is none, a dry run", async () => {
  const { first, ask, body, connector } = await setup();
  await first.overview();
  expect((await ask({ path: "/admin/v1/connectors", body: { name: 1 } })).status).toBe(422);
  expect((await ask({ path: "/admin/v1/connectors?dryRun=true", body })).status).toBe(200);
  expect(
    (await ask({ method: "PATCH", path: `/admin/v1/connectors/${connector.id}?dryRun=true`, body: { name: "x" } }))
      .status,
  ).toBe(200);
  expect((await ask({ path: "/admin/v1/nothing", body })).status).toBe(404);
  expect((await first.audit()).items).toEqual([]);
});

it("has the address that a trusted proxy forwarded for, and believes no other client's header", async () => {
  const forwarded = { "x-forwarded-for": "198.51.100.9, 203.0.113.7" };
  const behind = await setup({ BATON_TRUSTED_PROXIES: "127.0.0.1" });
  await behind.ask({ path: "/admin/v1/pause", headers: forwarded });
  await behind.ask({ path: "/admin/v1/pause", headers: { "x-forwarded-for": "<planted>" } });
  const open = await setup();
  await open.ask({ path: "/admin/v1/pause", headers: forwarded });
  const addresses = async ({ first }: typeof open) => (await first.audit()).items.map(({ address }) => address);
  expect([await addresses(behind), await addresses(open)]).toEqual([["127.0.0.1", "203.0.113.7"], ["127.0.0.1"]]);
});

it("counts what a role forbids, and is not flooded by it", async () => {
  const { first, admin, connector, startAdmin } = await setup();
  const { id, token } = await first.createAdminKey({ name: "Vi", role: "viewer" });
  const vi = createRawClient(admin.url, token);
  for (let i = 0; i < 200; i++)
    expect((await vi({ path: `/admin/v1/connectors/${connector.id}/pause` })).status).toBe(403);
  await vi({ path: "/admin/v1/pause" });
  const mine = async () => (await first.audit({ actor: id })).items;
  await expect
    .poll(async () => (await mine()).map(factsOf))
    .toEqual([
      ["everything.pause", undefined, undefined, undefined, "refused"],
      ["connector.pause", connector.id, connector.id, undefined, "refused"],
    ]);
  // What was only counted is written when its minute is over, or the process closes.
  const { url, key } = await startAdmin();
  await admin.life.close();
  const { items } = await createBatonClient({ adminUrl: url, adminKey: key }).audit({ actor: id });
  expect(items.map(({ count = 1 }) => count)).toEqual([199, 1, 1]);
});

it("pages and filters, and refuses what it does not know", async () => {
  const { first, ask, connector } = await setup();
  for (let i = 0; i < 3; i++) await first.pauseConnector(connector.id);
  await first.pause();
  const page = await first.audit({ limit: 2 });
  const rest = await first.audit({ limit: 2, cursor: page.nextCursor ?? "" });
  expect([...page.items, ...rest.items].map(({ action }) => action)).toEqual([
    "everything.pause",
    ...Array(3).fill("connector.pause"),
  ]);
  const [newest] = page.items;
  const at = newest?.at ?? "";
  expect((await first.audit({ action: "everything.pause" })).items).toEqual([newest]);
  expect((await first.audit({ actor: "unknown" })).items).toEqual([]);
  expect((await first.audit({ from: at })).items).toContainEqual(newest);
  expect((await first.audit({ to: at })).items).not.toContainEqual(newest);
  for (const query of ["action=connector.love", "from=yesterday", "limit=0", "cursor=e30", "id=", "who=me"]) {
    const { status, json } = await ask({ method: "GET", path: `/admin/v1/audit?${query}` });
    expect([status, json.errors[0].pointer]).toEqual([400, `/${query.split("=")[0]}`]);
  }
});

it("lets no call change or delete an entry", async () => {
  const { first, ask } = await setup();
  await first.pause();
  const { items } = await first.audit();
  for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
    expect((await ask({ method, path: "/admin/v1/audit", body: {} })).status).toBe(405);
    expect((await ask({ method, path: `/admin/v1/audit/${items[0]?.id}`, body: {} })).status).toBe(404);
  }
  expect((await first.audit()).items).toEqual(items);
});

it("holds no secret, whatever a change brought and wherever it stood", async () => {
  const { first, ask, body, connector, redis, namespace, logLines } = await setup();
  const { id } = await first.createConnector(body);
  await first.patchConnector(id, { credentials: { ...CREDENTIALS, clientSecret: "planted-newer-secret" } });
  const misplaced = {
    "planted-as-a-name": 1,
    delivery: { "planted-deeper": {} },
    name: "x",
    credentials: "planted-alone",
  };
  expect((await ask({ method: "PATCH", path: `/admin/v1/connectors/${id}`, body: misplaced })).status).toBe(422);
  await first.verifyConnector(connector.id, { contactId: CONTACT, params: { p1: "planted parameter" } });
  const issued = await first.createToken(id);
  const popKey = await first.createScreenPopKey(id);
  const adminKey = await first.createAdminKey({ name: "Ana", role: "viewer" });
  const { items } = await first.audit();
  expect(items).toHaveLength(7);
  expect(items.find(({ outcome }) => outcome === "refused")).toMatchObject({
    members: ["/name", "/credentials"],
    problem: "invalid-connector",
  });
  const kept: string[] = [];
  for await (const keys of (redis as Redis).scanStream({ match: `{${namespace}}:audit:e:*`, count: 1_000 })) {
    for (const key of keys as string[]) kept.push((await redis.get(key)) ?? "");
  }
  expect(kept).toHaveLength(items.length);
  const everything = [JSON.stringify(items), ...kept, ...logLines].join("\n");
  const secrets = [issued, popKey, adminKey].map(({ token }) => token.split("_")[2] ?? "");
  for (const secret of ["planted", ...secrets]) expect(everything).not.toContain(secret);
});

it("removes entries once their time of keeping is over", async () => {
  const { first, startWorker, redis, namespace } = await setup({ BATON_RETENTION_AUDIT: "1s" });
  await first.pause();
  expect((await first.audit()).items).toHaveLength(1);
  await startWorker();
  await expect.poll(() => redis.keys(`{${namespace}}:audit*`), { timeout: 20_000 }).toEqual([]);
  expect((await first.audit()).items).toEqual([]);
});

const NUMBER = "+1 (555) 010-0100";
const CALL = { sipHeaders: { "X-InContact-ContactId": CONTACT } };

it("distinguishes a number of another client from an unknown one, as the answer does not", async () => {
  const { raw, first, connector, createConnector } = await setup({}, { pseudoNumbers: [NUMBER] });
  const other = await createConnector({ pseudoNumbers: ["+1 555 0199"] });
  for (const pseudoNumber of ["1 555 0199", "1 555 0198", NUMBER])
    await raw({ path: "/v1/calls", body: { ...CALL, pseudoNumber } });
  await expect.poll(async () => (await first.audit()).items).toHaveLength(2);
  const said = {
    actor: { id: connector.id, name: "test" },
    connectorId: connector.id,
    address: "127.0.0.1",
    outcome: "refused",
  };
  const [unknown, foreign] = (await first.audit()).items.toSorted((a, b) => b.action.localeCompare(a.action));
  expect(unknown).toMatchObject({ ...said, action: "call.unknown-number", about: { pseudoNumber: "1 555 0198" } });
  expect(unknown).not.toHaveProperty("targetId");
  expect(foreign).toMatchObject({
    ...said,
    action: "call.foreign-number",
    targetId: other.connector.id,
    about: { pseudoNumber: "1 555 0199" },
  });
  expect((await first.audit({ id: other.connector.id })).items).toEqual([foreign]);
});

it("is not flooded by calls with others' numbers, and counts every one", async () => {
  const { raw, first, ingressLife } = await setup();
  const ask = (i: number) => raw({ path: "/v1/calls", body: { ...CALL, pseudoNumber: `+1 555 ${1_000 + (i % 100)}` } });
  for (let i = 0; i < 300; i += 30) await Promise.all(Array.from({ length: 30 }, (_, k) => ask(i + k)));
  await expect.poll(async () => (await first.audit()).items).toHaveLength(5);
  await ingressLife.close();
  const { items } = await first.audit();
  expect(items.map(({ action }) => action)).toEqual(Array(6).fill("call.unknown-number"));
  expect(items.map(({ count = 1 }) => count)).toEqual([295, 1, 1, 1, 1, 1]);
});

it("answers a call with another's number as ever while the audit cannot be written", async () => {
  const { raw, first, redis, namespace } = await setup();
  await redis.set(`{${namespace}}:audit`, "no sorted set");
  const { status, json } = await raw({ path: "/v1/calls", body: { ...CALL, pseudoNumber: NUMBER } });
  expect([status, json.type]).toEqual([404, "urn:baton:problem:unknown-number"]);
  await expect(first.pause()).rejects.toMatchObject({ status: 500 });
  expect(await redis.get(`{${namespace}}:stopped`)).toBeNull();
});
