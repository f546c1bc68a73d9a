import { createPublicKey, type JsonWebKey, verify } from "node:crypto";
import { expect, it } from "vitest";
import { KEY, startSimulatorWithClient } from "./test-client.ts";

const FORM = { "content-type": "application/x-www-form-urlencoded" };

it("issues a signed token that names the access key's tenant", async () => {
  await using client = await startSimulatorWithClient();
  const { status, body } = await client.token();
  expect(status).toBe(200);
  expect(body).toMatchObject({
    token_type: "Bearer",
    expires_in: 3600,
    refresh_token: expect.any(String),
    id_token: expect.any(String),
  });
  const [head = "", claims = "", signature = ""] = String(body.access_token).split(".");
  expect(JSON.parse(Buffer.from(claims, "base64url").toString())).toMatchObject({
    tenantId: client.simulator.deriveTenantIdFromAccessKey(KEY),
    icBUId: expect.any(Number),
    icClusterId: "SIM1",
    iss: client.simulator.url,
  });
  const { keys } = (await (await client.get("/auth/jwks", {})).json()) as { keys: JsonWebKey[] };
  const key = createPublicKey({ key: keys[0] ?? {}, format: "jwk" });
  expect(verify("sha256", Buffer.from(`${head}.${claims}`), key, Buffer.from(signature, "base64url"))).toBe(true);
});

it("takes client credentials as they are, and form-encoded ones for another client's", async () => {
  await using client = await startSimulatorWithClient();
  const [clientId, clientSecret] = ["app@vendor", "a+b&c:d===="];
  client.simulator.accessKey({ accessKeyId: KEY, accessKeySecret: "s+/====", clientId, clientSecret });
  const ask = async (credentials: string) => {
    const authorization = `Basic ${Buffer.from(credentials).toString("base64")}`;
    const body = `grant_type=password&username=${encodeURIComponent(KEY)}&password=${encodeURIComponent("s+/====")}`;
    const headers = { ...FORM, authorization };
    return (await fetch(`${client.simulator.url}/auth/token`, { method: "POST", headers, body })).status;
  };
  expect(await ask(`${clientId}:${clientSecret}`)).toBe(200);
  expect(await ask(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`)).toBe(401);
  expect(client.simulator.tokenRequests()).toMatchObject([
    { clientAuth: "basic", clientId, accessKeyId: KEY, status: 200 },
    { clientAuth: "basic", clientId: "app%40vendor", status: 401 },
  ]);
});

it("takes the client's credentials from the form as well", async () => {
  await using client = await startSimulatorWithClient();
  const response = await fetch(`${client.simulator.url}/auth/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "password",
      username: KEY,
      password: "s",
      client_id: "app",
      client_secret: "secret",
    }),
  });
  expect(response.status).toBe(200);
  expect(client.simulator.tokenRequests()).toMatchObject([{ clientAuth: "body", clientId: "app" }]);
});

it.each([
  ["no client", { headers: FORM, body: `grant_type=password&username=${KEY}&password=x` }, 401, "invalid_client"],
  ["JSON", { headers: { "content-type": "application/json" }, body: "{}" }, 400, "invalid_request"],
  [
    "another grant",
    { headers: FORM, body: "grant_type=client_credentials&client_id=a&client_secret=b" },
    400,
    "unsupported_grant_type",
  ],
  ["no access key", { headers: FORM, body: "grant_type=password&client_id=a&client_secret=b" }, 400, "invalid_grant"],
  [
    "a stale refresh token",
    { headers: FORM, body: "grant_type=refresh_token&refresh_token=x&client_id=a&client_secret=b" },
    400,
    "invalid_grant",
  ],
])("refuses a token request with %s", async (_, request, status, error) => {
  await using client = await startSimulatorWithClient();
  const response = await fetch(`${client.simulator.url}/auth/token`, { method: "POST", ...request });
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject({ error, error_description: expect.any(String) });
  expect(client.simulator.tokenRequests()).toMatchObject([{ status }]);
});

it("refuses a wrong secret once the access key was declared", async () => {
  await using client = await startSimulatorWithClient();
  await client.sim("POST", "access-keys", { accessKeyId: KEY, accessKeySecret: "right" });
  expect(await client.token()).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
  expect(await client.token({ password: "right" })).toMatchObject({ status: 200 });
});

it("refreshes a token", async () => {
  await using client = await startSimulatorWithClient();
  const first = await client.token();
  const second = await client.token({ grant_type: "refresh_token", refresh_token: String(first.body.refresh_token) });
  expect(second.status).toBe(200);
  expect(second.body.access_token).not.toBe(first.body.access_token);
  expect(client.simulator.tokenRequests(KEY)).toMatchObject([
    { token: "token-1" },
    { token: "token-2", grantType: "refresh_token" },
  ]);
});

it("can answer in the other shapes that were seen: an array, and errorDescription", async () => {
  await using client = await startSimulatorWithClient({
    settings: { tokenInArray: true, errorMember: "errorDescription" },
  });
  expect((await client.token()).body).toMatchObject([{ token_type: "Bearer" }]);
  expect((await client.token({ grant_type: "other" })).body).toMatchObject({ errorDescription: expect.any(String) });
});

it("meets faults of one access key, and leaves the others alone", async () => {
  await using client = await startSimulatorWithClient();
  client.simulator.answer({ on: "token", accessKeyId: KEY, status: 429, retryAfter: 7, times: 1 });
  await client.accessToken("OTHER");
  const refused = await client.token();
  expect(refused.status).toBe(429);
  expect(await client.token()).toMatchObject({ status: 200 });
  expect(client.simulator.tokenRequests().map(({ status }) => status)).toEqual([200, 429, 200]);
});

it.each([
  [400, "invalid_grant"],
  [401, "invalid_client"],
  [503, "temporarily_unavailable"],
])("words a fault of %i as the identity service would", async (status, error) => {
  await using client = await startSimulatorWithClient();
  client.simulator.answer({ on: "token", status });
  expect(await client.token()).toMatchObject({ status, body: { error } });
});
