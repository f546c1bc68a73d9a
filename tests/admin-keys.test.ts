import { createBatonClient } from "@baton/api";
import { ROLES, type Role } from "@baton/domain";
import { parseToken } from "@baton/vault";
import { expect, it } from "vitest";
import { createRawClient } from "./world/raw-client.ts";
import { createWorld } from "./world/world.ts";

/** HOLDS: every revocation holds on all processes within so long. */
const HOLDS = { timeout: 2_000, interval: 20 };

/** LOWEST_ROLE of each route, as the documents say. */
const LOWEST_ROLE: Readonly<Record<string, Role>> = {
  "GET /admin/v1/overview": "viewer",
  "GET /admin/v1/handoffs": "viewer",
  "GET /admin/v1/handoffs/{id}": "viewer",
  "POST /admin/v1/handoffs/{id}/cancel": "operator",
  "GET /admin/v1/dead-letters": "viewer",
  "GET /admin/v1/dead-letters/causes": "viewer",
  "PATCH /admin/v1/dead-letters/causes/{id}": "operator",
  "POST /admin/v1/dead-letters/{id}/replay": "operator",
  "POST /admin/v1/dead-letters/{id}/discard": "operator",
  "POST /admin/v1/replays": "operator",
  "GET /admin/v1/replays": "viewer",
  "GET /admin/v1/replays/{id}": "viewer",
  "GET /admin/v1/replays/{id}/items": "viewer",
  "PATCH /admin/v1/replays/{id}": "operator",
  "POST /admin/v1/replays/{id}/pause": "operator",
  "POST /admin/v1/replays/{id}/resume": "operator",
  "POST /admin/v1/replays/{id}/cancel": "operator",
  "POST /admin/v1/discards": "operator",
  "GET /admin/v1/discards": "viewer",
  "GET /admin/v1/discards/{id}": "viewer",
  "GET /admin/v1/discards/{id}/items": "viewer",
  "PATCH /admin/v1/discards/{id}": "operator",
  "POST /admin/v1/discards/{id}/pause": "operator",
  "POST /admin/v1/discards/{id}/resume": "operator",
  "POST /admin/v1/discards/{id}/cancel": "operator",
  "GET /admin/v1/series": "viewer",
  "POST /admin/v1/explain": "viewer",
  "GET /admin/v1/connectors": "viewer",
  "POST /admin/v1/connectors": "admin",
  "GET /admin/v1/connectors/{id}": "viewer",
  "PATCH /admin/v1/connectors/{id}": "admin",
  "DELETE /admin/v1/connectors/{id}": "admin",
  "POST /admin/v1/connectors/{id}/pause": "operator",
  "POST /admin/v1/connectors/{id}/resume": "operator",
  "POST /admin/v1/connectors/{id}/verify": "operator",
  "POST /admin/v1/connectors/{id}/tokens": "admin",
  "GET /admin/v1/connectors/{id}/tokens": "viewer",
  "DELETE /admin/v1/connectors/{id}/tokens/{tokenId}": "admin",
  "POST /admin/v1/connectors/{id}/screen-pop-keys": "admin",
  "GET /admin/v1/connectors/{id}/screen-pop-keys": "viewer",
  "DELETE /admin/v1/connectors/{id}/screen-pop-keys/{tokenId}": "admin",
  "POST /admin/v1/pause": "operator",
  "POST /admin/v1/resume": "operator",
  "POST /admin/v1/keys": "admin",
  "GET /admin/v1/keys": "viewer",
  "DELETE /admin/v1/keys/{id}": "admin",
  "GET /admin/v1/audit": "viewer",
};

async function setup() {
  const world = await createWorld();
  const { url, key } = await world.startAdmin();
  const clientOf = (adminKey: string, adminUrl = url) => createBatonClient({ adminUrl, adminKey });
  /** How admin answers a request with this key: 200, or the refusal's code. */
  const answerTo = (adminKey: string, adminUrl = url) =>
    clientOf(adminKey, adminUrl)
      .overview()
      .then(
        () => 200,
        (error: { code?: string }) => error.code,
      );
  return { ...world, url, key, clientOf, answerTo, first: clientOf(key) };
}

it("lets each role call what the contract gives it, on every route there is, and nothing else", async () => {
  const { url, first } = await setup();
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as { paths: Record<string, object> };
  const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
    // Signing in needs no role; sessions have tests of their own.
    path.startsWith("/admin/") && !path.startsWith("/admin/v1/session")
      ? Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`)
      : [],
  );
  expect(routes.toSorted()).toEqual(Object.keys(LOWEST_ROLE).toSorted());
  for (const role of ROLES) {
    const { token } = await first.createAdminKey({ name: role, role });
    const ask = createRawClient(url, token);
    for (const [route, lowest] of Object.entries(LOWEST_ROLE)) {
      const [method = "", path = ""] = route.replaceAll(/\{\w+\}/g, "none").split(" ");
      const { status, json } = await ask({ method, path, ...(method === "POST" ? { body: {} } : {}) });
      const allowed = ROLES.indexOf(role) >= ROLES.indexOf(lowest);
      expect([role, route, status === 403, json.type === "urn:baton:problem:forbidden"]).toEqual([
        role,
        route,
        !allowed,
        !allowed,
      ]);
      expect(status).not.toBe(401);
    }
  }
});

it("shows a new key once, keeps only its hash, and lists it with its last use", async () => {
  const { first, clientOf, redis, namespace, logLines } = await setup();
  const created = await first.createAdminKey({ name: "Ana, on call", role: "operator" });
  const { token, ...entry } = created;
  expect(created).toEqual({
    id: entry.id,
    name: "Ana, on call",
    role: "operator",
    createdAt: expect.any(String),
    token,
  });
  expect(parseToken(token)).toEqual({ prefix: "ba", id: entry.id });
  await clientOf(token).overview();
  await expect
    .poll(async () => (await first.adminKeys()).items, { timeout: 5_000 })
    .toEqual([{ ...entry, lastUsedAt: expect.any(String) }]);
  const [secret = ""] = token.split("_").slice(-1);
  const kept = await redis.hgetall(`{${namespace}}:token:${entry.id}`);
  expect(kept).toMatchObject({ role: "operator", hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect(JSON.stringify([kept, await first.adminKeys(), logLines])).not.toContain(secret);
});

it("lists keys page by page, the newest first", async () => {
  const { first } = await setup();
  const ids: string[] = [];
  for (const name of ["1", "2", "3"]) ids.unshift((await first.createAdminKey({ name, role: "viewer" })).id);
  const page = await first.adminKeys({ limit: 2 });
  const rest = await first.adminKeys({ limit: 2, cursor: page.nextCursor ?? "" });
  const listed = [...page.items, ...rest.items].map(({ id, createdAt }) => `${createdAt} ${id}`);
  expect([...page.items, ...rest.items].map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
  expect(listed).toEqual(listed.toSorted().toReversed());
  expect(rest.nextCursor).toBeUndefined();
});

it("takes a revoked key on no admin any more, after at most two seconds", async () => {
  const { first, answerTo, startAdmin } = await setup();
  const other = await startAdmin();
  const { id, token } = await first.createAdminKey({ name: "leaver", role: "admin" });
  expect([await answerTo(token), await answerTo(token, other.url)]).toEqual([200, 200]);
  await first.revokeAdminKey(id);
  expect(await answerTo(token)).toBe("unauthenticated");
  await expect.poll(() => answerTo(token, other.url), HOLDS).toBe("unauthenticated");
  expect((await first.adminKeys()).items).toEqual([]);
  await expect(first.revokeAdminKey(id)).rejects.toMatchObject({ status: 404, code: "not-found" });
});

it("takes a key until it expires, and none that has expired already", async () => {
  const { first, answerTo } = await setup();
  const expiresAt = new Date(Date.now() + 5_000).toISOString();
  const { token } = await first.createAdminKey({ name: "auditor", role: "viewer", expiresAt });
  expect(await answerTo(token)).toBe(200);
  await expect.poll(() => answerTo(token), { timeout: 20_000 }).toBe("unauthenticated");
  expect((await first.adminKeys()).items).toMatchObject([{ expiresAt }]);
  await expect(first.createAdminKey({ name: "late", role: "viewer", expiresAt })).rejects.toMatchObject({
    status: 400,
    problem: { errors: [{ pointer: "/expiresAt" }] },
  });
});

it("takes no key for another: a connector's token, a right id with a wrong secret, an admin key at ingress", async () => {
  const { first, answerTo, createConnector, startIngress } = await setup();
  const { token: connectorToken } = await createConnector();
  const { token } = await first.createAdminKey({ name: "Ana", role: "admin" });
  const wrongSecret = `${token.slice(0, -4)}${token.endsWith("0000") ? "1111" : "0000"}`;
  for (const key of [connectorToken, connectorToken.replace(/^bt/, "ba"), wrongSecret, "ba_", `${token} `.repeat(2)]) {
    expect([key.slice(0, 3), await answerTo(key)]).toEqual([key.slice(0, 3), "unauthenticated"]);
  }
  const { url: ingressUrl } = await startIngress();
  for (const as of [token, token.replace(/^ba/, "bt")]) {
    await expect(createBatonClient({ ingressUrl, token: as }).send({ contactId: "1" })).rejects.toMatchObject({
      status: 401,
    });
  }
});

it("never locks the last way in: the environment's key is no entry that could be revoked", async () => {
  const { first, clientOf, answerTo, key } = await setup();
  const { id, token } = await first.createAdminKey({ name: "Ana", role: "admin" });
  await expect(clientOf(token).revokeAdminKey("BATON_ADMIN_KEY")).rejects.toMatchObject({
    status: 404,
    problem: { detail: expect.stringContaining("environment") },
  });
  await clientOf(token).revokeAdminKey(id);
  expect(await answerTo(key)).toBe(200);
});

it.each([
  ["/role", { name: "Ana", role: "root" }],
  ["/role", { name: "Ana" }],
  ["/name", { name: "", role: "viewer" }],
  ["/name", { name: "a\nb", role: "viewer" }],
  ["/name", { name: "  ", role: "viewer" }],
  ["/expiresAt", { name: "Ana", role: "viewer", expiresAt: "tomorrow" }],
  ["/scope", { name: "Ana", role: "viewer", scope: "all" }],
])("refuses a key for its %s: %j", async (pointer, body) => {
  const { url, key, first } = await setup();
  const { status, json } = await createRawClient(url, key)({ path: "/admin/v1/keys", body });
  expect([status, json.errors.map((error: { pointer: string }) => error.pointer)]).toEqual([400, [pointer]]);
  expect((await first.adminKeys()).items).toEqual([]);
});
