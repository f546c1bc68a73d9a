import { createIdInShard, ID_RANDOM_BYTES } from "@baton/domain";
import { expect, it } from "vitest";
import { openRedisProxy } from "../testing/redis-proxy.ts";
import { type Answer, connectorBody, redisUrl, setup, useRedis } from "../testing/world.ts";

useRedis();

const HANDOFF_ID = createIdInShard("ho", 0, 1, new Uint8Array(ID_RANDOM_BYTES));
const RUN_ID = `rn_${"0".repeat(16)}`;
/** Every route that asks Redis for something. */
const ROUTES: readonly (readonly [method: string, path: string, body?: unknown])[] = [
  ["GET", "/admin/v1/overview"],
  ["GET", "/admin/v1/series"],
  ["GET", "/admin/v1/handoffs"],
  ["GET", "/admin/v1/handoffs/:id"],
  ["POST", "/admin/v1/handoffs/:id/cancel"],
  ["GET", "/admin/v1/dead-letters"],
  ["GET", "/admin/v1/dead-letters/causes"],
  ["PATCH", "/admin/v1/dead-letters/causes/:id", { state: "ignored" }],
  ["POST", "/admin/v1/dead-letters/:id/replay", {}],
  ["POST", "/admin/v1/dead-letters/:id/discard", {}],
  ["GET", "/admin/v1/connectors"],
  ["GET", "/admin/v1/connectors/:id"],
  ["POST", "/admin/v1/connectors", connectorBody()],
  ["PATCH", "/admin/v1/connectors/:id", {}],
  ["DELETE", "/admin/v1/connectors/:id"],
  ["POST", "/admin/v1/connectors/:id/pause"],
  ["POST", "/admin/v1/connectors/:id/resume"],
  ["POST", "/admin/v1/connectors/:id/verify", {}],
  ["POST", "/admin/v1/connectors/:id/tokens", {}],
  ["GET", "/admin/v1/connectors/:id/tokens"],
  ["DELETE", "/admin/v1/connectors/:id/tokens/:tokenId"],
  ["POST", "/admin/v1/connectors/:id/screen-pop-keys", {}],
  ["GET", "/admin/v1/connectors/:id/screen-pop-keys"],
  ["DELETE", "/admin/v1/connectors/:id/screen-pop-keys/:tokenId"],
  ["POST", "/admin/v1/explain", { connectorId: "cn_1", answer: "reset" }],
  ["POST", "/admin/v1/pause"],
  ["POST", "/admin/v1/resume"],
  ["POST", "/admin/v1/keys", { name: "Ana", role: "viewer" }],
  ["GET", "/admin/v1/keys"],
  ["DELETE", "/admin/v1/keys/:id"],
  ["GET", "/admin/v1/audit"],
  ...["replays", "discards"].flatMap((runs) => [
    ["POST", `/admin/v1/${runs}`, { all: true, note: "why" }] as const,
    ["GET", `/admin/v1/${runs}`] as const,
    ["GET", `/admin/v1/${runs}/:id`] as const,
    ["GET", `/admin/v1/${runs}/:id/items`] as const,
    ["PATCH", `/admin/v1/${runs}/:id`, { ratePerSecond: 1 }] as const,
    ["POST", `/admin/v1/${runs}/:id/pause`] as const,
    ["POST", `/admin/v1/${runs}/:id/resume`] as const,
    ["POST", `/admin/v1/${runs}/:id/cancel`] as const,
  ]),
];

/** addressOf puts an id in the place of each parameter of a route. */
function addressOf(path: string): string {
  return path.replaceAll(/:\w+/g, /\/(replays|discards)\//.test(path) ? RUN_ID : HANDOFF_ID);
}

function problemIn(answer: Answer) {
  return { status: answer.status, type: answer.body?.type, contentType: answer.headers.get("content-type") };
}

function problem(status: number, code: string) {
  return {
    status,
    type: `urn:baton:problem:${code}`,
    contentType: expect.stringContaining("application/problem+json"),
  };
}

it("refuses every route without an admin key", async () => {
  const { call } = await setup({ BATON_TRUSTED_PROXIES: "127.0.0.1" });
  for (const [index, [method, path, body]] of ROUTES.entries()) {
    for (const authorization of [
      "",
      "Bearer",
      "Bearer ba_wrong",
      "Basic YTpi",
      "ba_an-admin-key-for-tests-0123456789",
    ]) {
      const from = { "x-forwarded-for": `203.0.113.${index}` };
      const answer = await call(method, addressOf(path), body, { authorization, ...from });
      expect([path, problemIn(answer)]).toEqual([path, problem(401, "unauthenticated")]);
      expect(answer.headers.get("www-authenticate")).toBe("Bearer");
    }
  }
});

it("asks for the key before it reads a body", async () => {
  const { call } = await setup();
  expect(problemIn(await call("POST", "/admin/v1/connectors", "{", { authorization: "Bearer ba_wrong" }))).toEqual(
    problem(401, "unauthenticated"),
  );
});

it.each([
  "/admin/v1/handoffs?contactId=1e5",
  "/admin/v1/handoffs?contactId=12345678901234567890",
  "/admin/v1/handoffs?status=gone",
  "/admin/v1/handoffs?sharedId=",
  "/admin/v1/handoffs?idempotencyKey=%C3%A9",
  "/admin/v1/handoffs?limit=0",
  "/admin/v1/handoffs?limit=501",
  "/admin/v1/handoffs?limit=ten",
  "/admin/v1/handoffs?cursor=nonsense",
  "/admin/v1/handoffs?cursor=WyJhIiwxXQ",
  "/admin/v1/handoffs?unknown=1",
  "/admin/v1/handoffs?contactId=1&contactId=2",
  "/admin/v1/dead-letters?reason=bored",
  "/admin/v1/dead-letters?from=yesterday",
  "/admin/v1/dead-letters?to=2026-11-23",
  "/admin/v1/dead-letters?connectorId=",
  "/admin/v1/dead-letters?limit=-1",
  "/admin/v1/dead-letters?cursor=WzEsMiwzXQ",
  "/admin/v1/dead-letters?offset=1",
  "/admin/v1/dead-letters/causes?limit=0",
  "/admin/v1/dead-letters/causes?reason=rejected",
  "/admin/v1/dead-letters/causes?cursor=WzFd",
  "/admin/v1/connectors?limit=501",
  "/admin/v1/connectors?cursor=e30",
  "/admin/v1/connectors?name=x",
])("refuses %s, and points at what is wrong", async (path) => {
  const { call } = await setup();
  const answer = await call("GET", path);
  expect(problemIn(answer)).toEqual(problem(400, "invalid-request"));
  expect(answer.body.errors).toMatchObject([{ pointer: expect.stringMatching(/^\/\w+/), message: expect.any(String) }]);
});

it.each([
  ["/force", { force: "yes" }],
  ["/deadlineMs", { deadlineMs: 1 }],
  ["/note", { note: "x".repeat(1_001) }],
  ["/note", { note: " \t " }],
  ["/reason", { reason: "rejected" }],
])("refuses a replay for its %s", async (pointer, body) => {
  const { call } = await setup();
  const answer = await call("POST", `/admin/v1/dead-letters/${HANDOFF_ID}/replay`, body);
  expect(problemIn(answer)).toEqual(problem(400, "invalid-request"));
  expect(answer.body.errors).toMatchObject([{ pointer }]);
});

it.each([
  ["/admin/v1/dead-letters/:id/discard", { force: true }, "/force"],
  ["/admin/v1/dead-letters/:id/discard", [], ""],
  ["/admin/v1/connectors/:id/tokens", { overlapMs: -1 }, "/overlapMs"],
  ["/admin/v1/connectors/:id/tokens", { overlap: "1h" }, "/overlap"],
])("refuses a body at %s: %j", async (path, body, pointer) => {
  const { call } = await setup();
  const answer = await call("POST", path.replace(":id", HANDOFF_ID), body);
  expect(problemIn(answer)).toEqual(problem(400, "invalid-request"));
  expect(answer.body.errors).toMatchObject([{ pointer }]);
});

it("refuses a connector with everything wrong in it, all at once, without repeating a value", async () => {
  const { call, log } = await setup();
  const answer = await call("POST", "/admin/v1/connectors", {
    name: "",
    accountId: "a/b",
    pseudoNumbers: ["planted"],
    cxone: { issuer: "ftp://planted", apiVersion: "30", paramsIn: "header" },
    credentials: { clientId: "planted", clientSecret: "planted", accessKeyId: 1, accessKeySecret: "planted" },
    delivery: { maxAttempts: 101, rate: { perSecond: 0 }, handoffIdParam: "p10" },
    colour: "planted",
  });
  expect(problemIn(answer)).toEqual(problem(422, "invalid-connector"));
  expect(answer.body.errors.map(({ pointer }: { pointer: string }) => pointer).sort()).toEqual([
    "/accountId",
    "/colour",
    "/credentials/accessKeyId",
    "/cxone/apiVersion",
    "/cxone/issuer",
    "/cxone/paramsIn",
    "/delivery/handoffIdParam",
    "/delivery/maxAttempts",
    "/delivery/rate/perSecond",
    "/name",
    "/projectId",
    "/pseudoNumbers/0",
  ]);
  expect(answer.text + JSON.stringify(log.lines)).not.toContain("planted");
});

it("refuses what is no JSON, too large, of another type, under another method or path", async () => {
  const { call } = await setup();
  const connectors = "/admin/v1/connectors";
  expect(problemIn(await call("POST", connectors, "{"))).toEqual(problem(400, "malformed-json"));
  expect(problemIn(await call("POST", connectors, JSON.stringify("x".repeat(1_000_000))))).toEqual(
    problem(413, "too-large"),
  );
  expect(
    problemIn(await call("POST", connectors, "a=b", { "content-type": "application/x-www-form-urlencoded" })),
  ).toEqual(problem(415, "unsupported-media-type"));
  const wrongMethod = await call("DELETE", "/admin/v1/overview");
  expect(problemIn(wrongMethod)).toEqual(problem(405, "method-not-allowed"));
  expect(wrongMethod.headers.get("allow")).toBe("GET, HEAD");
  expect(problemIn(await call("GET", "/admin/v1/nothing"))).toEqual(problem(404, "not-found"));
});

it.each(["hang", "cut"] as const)(
  "answers 503 on every route, and is not ready, while Redis is away (%s)",
  async (kind) => {
    const redisProxy = await openRedisProxy(redisUrl());
    const { call, url } = await setup({ BATON_REDIS_URL: redisProxy.url });
    expect(await call("GET", "/readyz")).toMatchObject({ status: 200, body: { status: "ok" } });
    redisProxy[kind]();
    const answers = await Promise.all(ROUTES.map(([method, path, body]) => call(method, addressOf(path), body)));
    expect(answers.map(problemIn)).toEqual(ROUTES.map(() => problem(503, "queue-unavailable")));
    expect(answers.map(({ headers }) => headers.get("retry-after"))).toEqual(ROUTES.map(() => "1"));
    // Only a change may have been made or not.
    const isDoubted = answers.map(({ body }) => /may not have been done/.test(JSON.stringify(body)));
    expect(isDoubted).toEqual(ROUTES.map(([method]) => method !== "GET"));
    expect((await call("GET", "/readyz")).status).toBe(503);
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    const { status, text } = await call("GET", "/metrics");
    expect(status).toBe(200);
    expect(text).toContain("baton_redis_up 0");
    expect(text).not.toContain("baton_queued");
    redisProxy.close();
  },
);

it("is not ready while it closes, and says why", async () => {
  const { call, life } = await setup();
  life.drain();
  expect(await call("GET", "/readyz")).toMatchObject({ status: 503, body: { detail: "the process is closing" } });
  expect((await call("GET", "/livez")).status).toBe(200);
});

it("describes every route, with what it may refuse, and shows it as a page", async () => {
  const { call, url } = await setup();
  const { body: document } = await call("GET", "/openapi.json");
  for (const [method, path] of ROUTES) {
    const operation = document.paths[path.replaceAll(/:(\w+)/g, "{$1}")]?.[method.toLowerCase()];
    expect([path, operation?.security, typeof operation?.summary]).toEqual([
      path,
      [{ bearer: [] }, { session: [] }],
      "string",
    ]);
    expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(["401", "403", "503"]));
  }
  const { responses } = document.paths["/admin/v1/dead-letters/{id}/replay"].post;
  expect(responses["409"]).toMatchObject({
    description: expect.stringMatching(/`not-dead`: .*\n\n`may-duplicate`: /),
    content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
  });
  expect((await fetch(`${url}/docs/`)).status).toBe(200);
});

it("logs one line for each request, with who asked and nothing of the key", async () => {
  const { call, log, connect, die } = await setup();
  const id = await die(await connect());
  await call("POST", `/admin/v1/dead-letters/${id}/replay`, { note: "planted note" });
  const lines = log.lines.filter(({ msg }) => msg === "request");
  expect(lines.at(-1)).toMatchObject({
    route: "/admin/v1/dead-letters/:id/replay",
    status: 202,
    actor: "BATON_ADMIN_KEY",
    handoffId: id,
  });
  expect(JSON.stringify(log.lines)).not.toMatch(/planted|ba_an-admin/);
});
