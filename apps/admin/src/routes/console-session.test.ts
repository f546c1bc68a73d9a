import { createMemoryLog, createProcessLifecycle } from "@baton/runtime";
import { generateKeyringEntry } from "@baton/vault";
import { expect, it, onTestFinished } from "vitest";
import { browserWith, FOREIGN, signIn } from "../../testing/browser.ts";
import { ADMIN_KEY, redisUrl, setup, useRedis } from "../../testing/world.ts";
import { composeAdmin, readAdminConfig } from "../index.ts";

useRedis();

const SESSION = "/admin/v1/session";
const MINUTE_MS = 60_000;

function problemOfRefusal({ status, body }: { status: number; body: { type?: string } }) {
  return [status, body.type?.replace("urn:baton:problem:", "")];
}

it("signs in with an admin key: a cookie that no page can read, and nothing of the key in it", async () => {
  const world = await setup();
  const before = Date.now();
  const { answer, ask } = await signIn(world, { key: ADMIN_KEY });
  expect([answer.status, answer.body]).toEqual([
    201,
    { name: "BATON_ADMIN_KEY", role: "admin", expiresAt: expect.any(String) },
  ]);
  const leftMs = Date.parse(answer.body.expiresAt) - before;
  expect(leftMs).toBeGreaterThanOrEqual(29 * MINUTE_MS);
  expect(leftMs).toBeLessThanOrEqual(31 * MINUTE_MS);
  expect(answer.headers.get("set-cookie")).toMatch(/^baton_session=bs_\w+; Path=\/; HttpOnly; SameSite=Strict$/);
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect((await ask("GET", SESSION)).body).toMatchObject({ name: "BATON_ADMIN_KEY", role: "admin" });
  expect((await ask("GET", "/admin/v1/overview")).status).toBe(200);
});

it("marks the cookie Secure behind https, whether or not the proxy is trusted to say so", async () => {
  const world = await setup({ BATON_TRUSTED_PROXIES: "127.0.0.1" });
  const host = new URL(world.url).host;
  for (const headers of [{ "x-forwarded-proto": "https" }, { origin: `https://${host}` }]) {
    const answer = await world.call("POST", SESSION, { key: ADMIN_KEY }, { authorization: undefined, ...headers });
    expect(answer.headers.get("set-cookie")).toContain("; Secure");
  }
});

it("keeps of a session and a code nothing that would open one", async () => {
  const world = await setup();
  const { cookie } = await signIn(world, { key: ADMIN_KEY });
  const link = await world.client.createSignInLink();
  const kept: unknown[] = [];
  for (const key of await world.redis.keys(`{${world.namespace}}:session:*`))
    kept.push(key, await world.redis.hgetall(key));
  expect(kept).toHaveLength(4);
  for (const secret of [cookie.split("_").at(-1), link.split("_").at(-1), ADMIN_KEY]) {
    expect(secret?.length).toBeGreaterThan(25);
    expect(JSON.stringify([kept, world.log.lines])).not.toContain(secret);
  }
});

it("ends a session after 30 min without use, and after 12 h however much it is used", async () => {
  const world = await setup();
  const { ask } = await signIn(world, { key: ADMIN_KEY });
  const [key = ""] = await world.redis.keys(`{${world.namespace}}:session:*`);
  const leftMs = async () => world.redis.pttl(key);
  await world.redis.pexpire(key, 5_000);
  await ask("GET", "/admin/v1/overview");
  expect(await leftMs()).toBeGreaterThan(29 * MINUTE_MS);
  // As though it had begun 11 h 59 min ago.
  const endsAt = Number(await world.redis.hget(key, "endsAt"));
  expect(endsAt - Date.now()).toBeGreaterThan(11 * 60 * MINUTE_MS + 59 * MINUTE_MS);
  await world.redis.hset(key, "endsAt", Date.now() + MINUTE_MS);
  const { body } = await ask("GET", SESSION);
  expect(Date.parse(body.expiresAt) - Date.now()).toBeLessThanOrEqual(MINUTE_MS);
  expect(await leftMs()).toBeLessThanOrEqual(MINUTE_MS);
  await world.redis.pexpire(key, 0);
  expect(problemOfRefusal(await ask("GET", SESSION))).toEqual([401, "unauthenticated"]);
  expect(problemOfRefusal(await ask("GET", "/admin/v1/overview"))).toEqual([401, "unauthenticated"]);
});

it("ends a session with its key: revoked, expired, or another secret in the environment", async () => {
  const world = await setup();
  const ana = await world.client.createAdminKey({ name: "Ana", role: "operator" });
  const { ask, cookie } = await signIn(world, { key: ana.token });
  expect((await ask("GET", SESSION)).body).toMatchObject({ name: "Ana", role: "operator" });
  await world.client.revokeAdminKey(ana.id);
  expect(problemOfRefusal(await ask("GET", SESSION))).toEqual([401, "unauthenticated"]);
  expect(problemOfRefusal(await ask("GET", "/admin/v1/overview"))).toEqual([401, "unauthenticated"]);
  expect(await world.redis.keys(`{${world.namespace}}:session:*`)).toEqual([]);

  const soon = new Date(Date.now() + MINUTE_MS).toISOString();
  const bo = await world.client.createAdminKey({ name: "Bo", role: "viewer", expiresAt: soon });
  const ofBo = await signIn(world, { key: bo.token });
  expect(ofBo.answer.body.expiresAt).toBe(soon);
  expect((await ofBo.ask("GET", SESSION)).body.expiresAt).toBe(soon);

  const first = await signIn(world, { key: ADMIN_KEY });
  const other = await startOther(world.namespace, `${ADMIN_KEY}-changed`);
  expect(problemOfRefusal(await browserWith(other, first.cookie).ask("GET", SESSION))).toEqual([
    401,
    "unauthenticated",
  ]);
  expect(cookie).not.toBe("");
});

it("a session is known to every admin process, and over for all once it is signed out", async () => {
  const world = await setup();
  const { ask, cookie } = await signIn(world, { key: ADMIN_KEY });
  const elsewhere = browserWith(await startOther(world.namespace, ADMIN_KEY), cookie);
  expect((await elsewhere.ask("GET", "/admin/v1/overview")).status).toBe(200);
  const out = await ask("DELETE", SESSION);
  expect([out.status, out.headers.get("set-cookie")]).toEqual([
    204,
    expect.stringMatching(/^baton_session=; .*Expires=Thu, 01 Jan 1970/),
  ]);
  expect(problemOfRefusal(await elsewhere.ask("GET", "/admin/v1/overview"))).toEqual([401, "unauthenticated"]);
  expect((await ask("DELETE", SESSION)).status).toBe(204);
});

it("a sign-in link is good once, for its key's role, and its code stands in the fragment", async () => {
  const world = await setup();
  const link = new URL(await world.client.createSignInLink());
  expect([link.origin, link.pathname, link.search]).toEqual([world.url, "/sign-in", ""]);
  const code = link.hash.replace("#code=", "");
  const both = await Promise.all([signIn(world, { code }), signIn(world, { code })]);
  expect(both.map(({ answer }) => answer.status).toSorted()).toEqual([201, 401]);
  const signedIn = both.find(({ answer }) => answer.status === 201);
  expect((await signedIn?.ask("GET", SESSION))?.body).toMatchObject({ role: "admin" });
  expect(problemOfRefusal((await signIn(world, { code })).answer)).toEqual([401, "unauthenticated"]);
});

it("a sign-in link lasts ten minutes, ends with its key, and is made with a key, not with a session", async () => {
  const world = await setup();
  const ana = await world.client.createAdminKey({ name: "Ana", role: "viewer" });
  const asAna = { authorization: `Bearer ${ana.token}` };
  const made = await world.call("POST", `${SESSION}/links`, undefined, asAna);
  const leftMs = Date.parse(made.body.expiresAt) - Date.now();
  expect([made.status, leftMs > 9 * MINUTE_MS, leftMs <= 11 * MINUTE_MS]).toEqual([201, true, true]);
  await world.client.revokeAdminKey(ana.id);
  expect(problemOfRefusal((await signIn(world, { code: made.body.code })).answer)).toEqual([401, "unauthenticated"]);
  const { ask } = await signIn(world, { key: ADMIN_KEY });
  expect(problemOfRefusal(await ask("POST", `${SESSION}/links`))).toEqual([401, "unauthenticated"]);
  // A cookie is no code, and a code no cookie.
  const session = (await signIn(world, { key: ADMIN_KEY })).cookie.replace("baton_session=", "");
  expect((await signIn(world, { code: session })).answer.status).toBe(401);
  const { code } = (await world.call("POST", `${SESSION}/links`)).body;
  expect((await browserWith(world, `baton_session=${code}`).ask("GET", SESSION)).status).toBe(401);
});

it("says of a wrong key where a key belongs at the sign-in, and of a wrong one in a header where it belongs there", async () => {
  const world = await setup();
  const wrong = await signIn(world, { key: "ba_wrong" });
  expect(wrong.answer).toMatchObject({ status: 401, body: { detail: expect.stringContaining("as `key`") } });
  const link = await world.call("POST", `${SESSION}/links`, undefined, { authorization: "Bearer ba_wrong" });
  expect(link).toMatchObject({ status: 401, body: { detail: expect.stringContaining("Authorization: Bearer") } });
});

it("stops guesses of keys or codes at the sign-in", async () => {
  const world = await setup();
  for (const credential of [{ key: "ba_wrong" }, { code: "bc_wrong" }]) {
    const statuses: number[] = [];
    for (let i = 0; i < 22; i++) statuses.push((await signIn(world, credential)).answer.status);
    expect([statuses.slice(0, 20), statuses.at(-1)]).toEqual([Array(20).fill(401), 429]);
  }
});

it("refuses to sign in from another site, and bodies that are neither key nor code, in words", async () => {
  const world = await setup();
  const from = (headers: Record<string, string>) =>
    world.call("POST", SESSION, { key: ADMIN_KEY }, { authorization: undefined, ...headers });
  expect(problemOfRefusal(await from({ origin: FOREIGN }))).toEqual([403, "cross-site"]);
  expect(problemOfRefusal(await from({ "sec-fetch-site": "cross-site" }))).toEqual([403, "cross-site"]);
  expect((await from({ "sec-fetch-site": "same-origin", origin: world.url })).status).toBe(201);
  const messages: string[] = [];
  for (const body of [{}, { key: "" }, { key: "a", code: "b" }, { token: "x" }, "[]"]) {
    const answer = await world.call("POST", SESSION, body, { authorization: undefined });
    expect(problemOfRefusal(answer)).toEqual([400, "invalid-request"]);
    messages.push(answer.body.errors[0].message);
  }
  expect(messages).toEqual([
    expect.stringContaining("one of both"),
    expect.stringContaining("too small"),
    expect.stringContaining("one of both"),
    'unknown field "token"; accepted here: key, code',
    "send a JSON object",
  ]);
});

/** startOther starts another admin process on the same Redis. */
async function startOther(namespace: string, adminKey: string) {
  const life = createProcessLifecycle({ log: createMemoryLog() });
  onTestFinished(async () => {
    await life.close();
  });
  const config = readAdminConfig({
    BATON_REDIS_URL: redisUrl(),
    BATON_NAMESPACE: namespace,
    BATON_KEYRING: generateKeyringEntry(),
    BATON_ADMIN_KEY: adminKey,
    BATON_ADMIN_PORT: "0",
  });
  const { url } = await composeAdmin(config, life, createMemoryLog());
  type Given = Record<string, string | undefined>;
  const call = async (method: string, path: string, body?: unknown, headers: Given = {}) => {
    const answer = await fetch(url + path, {
      method,
      headers: Object.entries(headers).filter((header): header is [string, string] => header[1] !== undefined),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, text, body: text === "" ? undefined : JSON.parse(text) };
  };
  return { url, call };
}
