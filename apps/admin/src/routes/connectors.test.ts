import { parseToken } from "@baton/vault";
import { expect, it } from "vitest";
import { connectorBody, PLANTED, setup, useRedis } from "../../testing/world.ts";

useRedis();

const CONNECTORS = "/admin/v1/connectors";

it("creates a connector with every default, and shows which secrets are set but never what they are", async () => {
  const { call } = await setup();
  const created = await call("POST", CONNECTORS, connectorBody());
  expect(created).toMatchObject({
    status: 201,
    body: {
      id: expect.stringMatching(/^cn_/),
      environment: "live",
      enabled: true,
      paused: false,
      cxone: { issuer: "https://cxone.niceincontact.com", apiVersion: "v30.0", paramsIn: "query" },
      credentials: { clientId: "set", clientSecret: "set", accessKeyId: "set", accessKeySecret: "set" },
      delivery: { guarantee: "at-least-once", maxAttempts: 10, rate: { perSecond: 20, burst: 40 } },
    },
  });
  expect(created.headers.get("location")).toBe(`${CONNECTORS}/${created.body.id}`);
  const read = await call("GET", `${CONNECTORS}/${created.body.id}`);
  expect(read).toMatchObject({ status: 200, body: created.body });
  const list = await call("GET", CONNECTORS);
  expect(list.body).toEqual({ items: [created.body] });
  expect(created.text + read.text + list.text).not.toContain("planted");
});

it("keeps credentials sealed, and nothing of them in the log", async () => {
  const { call, redis, namespace, log } = await setup();
  const { body } = await call("POST", CONNECTORS, connectorBody());
  const kept = await redis.get(`{${namespace}}:cn:${body.id}`);
  expect(kept).toContain(body.id);
  for (const secret of Object.values(PLANTED)) {
    expect(kept).not.toContain(secret);
    expect(kept).not.toContain(Buffer.from(secret).toString("base64url"));
    expect(JSON.stringify(log.lines)).not.toContain(secret);
  }
});

it("gives a project one connector, and a number to one connector, whatever its spelling", async () => {
  const { call } = await setup();
  const { body } = await call("POST", CONNECTORS, connectorBody({ pseudoNumbers: ["+1 (555) 010-0100"] }));
  const again = await call("POST", CONNECTORS, connectorBody());
  expect(again).toMatchObject({ status: 409, body: { type: "urn:baton:problem:project-taken" } });
  expect(again.body.detail).toContain(body.id);
  const other = connectorBody({ projectId: "other", pseudoNumbers: ["+15550100200", "15550100100"] });
  expect(await call("POST", CONNECTORS, other)).toMatchObject({
    status: 409,
    body: { type: "urn:baton:problem:number-taken", errors: [{ pointer: "/pseudoNumbers/1" }] },
  });
  expect(await call("POST", CONNECTORS, connectorBody({ environment: "test" }))).toMatchObject({ status: 201 });
});

it("lets one of two win who create the same project's connector at once", async () => {
  const { call } = await setup();
  const answers = await Promise.all([
    call("POST", CONNECTORS, connectorBody()),
    call("POST", CONNECTORS, connectorBody()),
  ]);
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
});

it("refuses addresses that are not on the allow list, and points at them", async () => {
  const { call } = await setup();
  const cxone = { issuer: "https://evilniceincontact.com", apiEndpoint: "http://api-na1.niceincontact.com" };
  expect(await call("POST", CONNECTORS, connectorBody({ cxone }))).toMatchObject({
    status: 422,
    body: {
      type: "urn:baton:problem:invalid-connector",
      errors: [{ pointer: "/cxone/issuer" }, { pointer: "/cxone/apiEndpoint" }],
    },
  });
});

it("takes a simulator's address where BATON_ALLOWED_HOSTS has it", async () => {
  const { call } = await setup({ BATON_ALLOWED_HOSTS: "http://127.0.0.1:*" });
  const cxone = { issuer: "http://127.0.0.1:8090", apiEndpoint: "http://127.0.0.1:8090" };
  expect(await call("POST", CONNECTORS, connectorBody({ cxone }))).toMatchObject({ status: 201, body: { cxone } });
});

it("spreads connectors over the shards", async () => {
  const { connect } = await setup({ BATON_SHARDS: "2" });
  const ids = await Promise.all(Array.from({ length: 40 }, async () => (await connect()).id));
  expect(new Set(ids.map((id) => id.slice(0, 5)))).toEqual(new Set(["cn_00", "cn_01"]));
});

it("lists connectors page by page, the oldest first", async () => {
  const { client, connect } = await setup();
  const ids: string[] = [];
  for (let i = 0; i < 5; i++) ids.push((await connect()).id);
  const { items: first, nextCursor } = await client.connectors({ limit: 3 });
  const { items: second, ...end } = await client.connectors({ limit: 3, cursor: nextCursor ?? "" });
  expect([first.length, second.length]).toEqual([3, 2]);
  expect(new Set([...first, ...second].map(({ id }) => id))).toEqual(new Set(ids));
  expect(end).toEqual({});
});

it("issues a token that is shown once and kept as a hash", async () => {
  const { call, connect, connectors, redis, namespace } = await setup();
  const { id } = await connect();
  const answer = await call("POST", `${CONNECTORS}/${id}/tokens`);
  expect(answer).toMatchObject({ status: 201, body: { id: expect.any(String), token: expect.stringMatching(/^bt_/) } });
  expect(Object.keys(answer.body).sort()).toEqual(["createdAt", "id", "token"]);
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect(parseToken(answer.body.token)).toEqual({ prefix: "bt", id: answer.body.id });
  expect(await connectors.token(answer.body.id)).toMatchObject({ connectorId: id });
  expect(JSON.stringify(await redis.hgetall(`{${namespace}}:token:${answer.body.id}`))).not.toContain(
    answer.body.token,
  );
  expect((await call("GET", `${CONNECTORS}/${id}`)).text).not.toContain(answer.body.id);
});

it("ends older tokens after the overlap that was asked for, and never later than they would have", async () => {
  const { client, connect, connectors } = await setup();
  const { id } = await connect();
  const older = await client.createToken(id);
  const newer = await client.createToken(id, { overlapMs: 3_600_000 });
  const expiresAt = (await connectors.token(older.id))?.expiresAt ?? 0;
  expect(expiresAt - Date.parse(newer.createdAt)).toBe(3_600_000);
  await client.createToken(id, { overlapMs: 7_200_000 });
  expect((await connectors.token(older.id))?.expiresAt).toBe(expiresAt);
});

it.each(["cn_nobody", "%20", "ho_0001JD9X5T2M7Q4RZK8WVNB3CY"])("knows no connector %s", async (id) => {
  const { call } = await setup();
  expect(await call("GET", `${CONNECTORS}/${id}`)).toMatchObject({
    status: 404,
    body: { type: "urn:baton:problem:not-found" },
  });
  expect(await call("POST", `${CONNECTORS}/${id}/tokens`)).toMatchObject({
    status: 404,
    body: { type: "urn:baton:problem:not-found" },
  });
});
