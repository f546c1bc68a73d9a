import { describe, expect, it } from "vitest";
import { CREDENTIALS, createToken, type LocalCxOne, TENANT } from "../testing/local-cxone.ts";
import { answerJson, freePort, serveHttp } from "../testing/servers.ts";
import { CONTACT, requests, setup } from "../testing/setup.ts";
import { parseAllowedHosts } from "./allowed-hosts.ts";
import { createMemoryApiAccessStore } from "./memory-api-access-store.ts";

describe("the token", () => {
  it("is asked for with percent-encoded keys and the client's credentials as they are in the header", async () => {
    const { cxone, client } = await setup();
    await client.prepare();
    const [asked] = cxone.seen.token;
    expect(asked?.body).toBe("grant_type=password&username=AKID%3D%3D%3D%3D&password=AKSECRET%3D%3D%3D%3D");
    const basic = Buffer.from((asked?.headers.authorization ?? "").replace("Basic ", ""), "base64").toString();
    expect(basic).toBe("app@vendor:clientSecret/with+signs==");
    expect(asked?.headers).toMatchObject({
      accept: "application/json",
      "content-type": "application/x-www-form-urlencoded",
    });
  });

  it("is asked for with the client's credentials in the form where the issuer takes only that", async () => {
    const { cxone, client } = await setup();
    cxone.answers.identity = (response) =>
      answerJson(response, 200, {
        token_endpoint: `${cxone.url}/auth/token`,
        token_endpoint_auth_methods_supported: ["client_secret_post"],
      });
    expect(await client.prepare()).toMatchObject({ kind: "ready" });
    const [asked] = cxone.seen.token;
    expect(asked?.headers).not.toHaveProperty("authorization");
    expect(Object.fromEntries(new URLSearchParams(asked?.body))).toMatchObject({
      client_id: CREDENTIALS.clientId,
      client_secret: CREDENTIALS.clientSecret,
    });
  });

  it("is fetched once for a hundred that ask together, and kept", async () => {
    const { cxone, client, signal, tokenResults } = await setup();
    const prepared = await Promise.all(Array.from({ length: 100 }, () => client.prepare()));
    expect(prepared.every(({ kind }) => kind === "ready")).toBe(true);
    await Promise.all(Array.from({ length: 20 }, () => signal()));
    expect(requests(cxone)).toEqual({ identity: 1, token: 1, api: 1, signal: 20 });
    expect(tokenResults).toEqual(["granted"]);
  });

  it("finds the tenant's API by the tenant it names, or by the one configured", async () => {
    const named = await setup();
    await named.client.prepare();
    expect(named.cxone.seen.api[0]?.url.searchParams.get("tenantId")).toBe(TENANT);
    const configured = await setup({}, { tenantId: "mine" });
    await configured.client.prepare();
    expect(configured.cxone.seen.api[0]?.url.searchParams.get("tenantId")).toBe("mine");
  });

  it("is enough where the API's address is configured", async () => {
    const { cxone, client, build } = await setup();
    const fixed = build({ target: { ...cxone.target, apiEndpoint: `${cxone.url}/gateway/` } });
    expect(await fixed.prepare()).toMatchObject({ kind: "ready", access: { apiEndpoint: `${cxone.url}/gateway` } });
    expect(requests(cxone).api).toBe(0);
    expect(client).toBeDefined();
  });

  it("may come as the one element of an array", async () => {
    const { cxone, client } = await setup();
    cxone.answers.token = (response) =>
      answerJson(response, 200, [{ access_token: createToken(1), token_type: "bearer", expires_in: "1800" }]);
    expect(await client.prepare()).toMatchObject({
      kind: "ready",
      access: { token: createToken(1), tokenType: "Bearer" },
    });
  });

  it("lives as long as the answer says, from its receipt", async () => {
    const { cxone, client } = await setup();
    cxone.answers.token = (response) => answerJson(response, 200, { access_token: createToken(1), expires_in: 90 });
    const prepared = await client.prepare();
    if (prepared.kind !== "ready") throw new Error(prepared.kind);
    expect(prepared.access.expiresAt - prepared.access.obtainedAt).toBe(90_000);
  });

  it.each(["1e300", "1e999", "31536000"])(
    "lives for a day at most, though it is said to for %s seconds",
    async (seconds) => {
      const { cxone, client } = await setup();
      cxone.answers.token = (response) =>
        response.writeHead(200).end(`{"access_token":"${createToken(1)}","expires_in":${seconds}}`);
      const prepared = await client.prepare();
      if (prepared.kind !== "ready") throw new Error(prepared.kind);
      expect(prepared.access.expiresAt - prepared.access.obtainedAt).toBe(86_400_000);
    },
  );

  it("is renewed ahead of its end while no caller waits", async () => {
    const { cxone, client } = await setup();
    cxone.answers.token = (response, _, count) => {
      if (count === 1) answerJson(response, 200, { access_token: createToken(1), expires_in: 4 });
    };
    const first = await client.prepare();
    // In the last tenth of its life the token endpoint hangs; the token at hand is still good.
    const until = first.kind === "ready" ? first.access.expiresAt : 0;
    while (cxone.seen.token.length < 2 && Date.now() < until) {
      expect(await client.prepare()).toBe(first);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(requests(cxone).token).toBe(2);
  });

  it.each([400, 401, 403])(
    "refused with HTTP %i refuses the credentials, and is not asked for again within 30 s",
    async (status) => {
      const { cxone, client, signal, tokenResults } = await setup();
      cxone.answers.token = (response) =>
        answerJson(response, status, {
          error: "invalid_client",
          error_description: `unknown ${CREDENTIALS.accessKeyId}`,
        });
      const refused = {
        kind: "refused",
        reason: "credentials",
        httpStatus: status,
        detail: `token endpoint: HTTP ${status} invalid_client: unknown [redacted]`,
      };
      expect(await client.prepare()).toEqual(refused);
      expect(await client.prepare()).toEqual(refused);
      expect(await signal()).toMatchObject({ kind: "unauthorized", renewal: "refused", httpStatus: status });
      expect(requests(cxone)).toMatchObject({ token: 1, signal: 0 });
      expect(tokenResults).toEqual(["refused"]);
    },
  );

  it.each([404, 405, 302])("answered with HTTP %i is a matter of configuration", async (status) => {
    const { cxone, client, signal } = await setup();
    cxone.answers.token = (response) => response.writeHead(status, { location: `${cxone.url}/elsewhere` }).end();
    expect(await client.prepare()).toMatchObject({ kind: "refused", reason: "configuration", httpStatus: status });
    expect(await signal()).toMatchObject({ kind: "unreachable" });
    expect(requests(cxone)).toMatchObject({ token: 1, signal: 0 });
  });

  it.each([408, 429, 500, 502, 503, 504])("answered with HTTP %i is waited for", async (status) => {
    const { cxone, client, tokenResults } = await setup();
    cxone.answers.token = (response) => response.writeHead(status, { "retry-after": "5" }).end();
    const before = Date.now();
    const prepared = await client.prepare();
    expect(prepared).toMatchObject({ kind: "waiting", detail: `token endpoint: HTTP ${status}` });
    expect(prepared.kind === "waiting" && prepared.retryAt).toBeGreaterThanOrEqual(before + 5_000);
    expect(await client.prepare()).toMatchObject({ kind: "waiting" });
    expect(requests(cxone).token).toBe(1);
    expect(tokenResults).toEqual(["unavailable"]);
  });

  it("is asked for again after thirty seconds at the latest, whatever Retry-After says", async () => {
    const { cxone, client } = await setup();
    cxone.answers.token = (response) => response.writeHead(503, { "retry-after": "86400" }).end();
    const before = Date.now();
    const prepared = await client.prepare();
    expect(prepared.kind === "waiting" && prepared.retryAt).toSatisfy(
      (at: number) => at >= before + 30_000 && at <= Date.now() + 30_000,
    );
  });

  it.each([
    ["HTML", "<html>Login</html>"],
    ["nothing", ""],
    ["no token", '{"token_type":"Bearer"}'],
    ["a token that fits no header", '{"access_token":"a\\r\\nX: b","expires_in":3600}'],
    ["a lifetime of 0", '{"access_token":"abc","expires_in":0}'],
    ["two elements", '[{"access_token":"a"},{"access_token":"b"}]'],
  ])("that is %s is waited for", async (_, body) => {
    const { cxone, client } = await setup();
    cxone.answers.token = (response) => response.end(body);
    expect(await client.prepare()).toMatchObject({
      kind: "waiting",
      detail: expect.stringMatching(/^token endpoint: /),
    });
  });

  it("is waited for when the issuer cannot be reached, or does not answer in time", async () => {
    const { cxone, build } = await setup();
    const gone = build({ target: { ...cxone.target, issuer: `http://127.0.0.1:${await freePort()}` } });
    expect(await gone.prepare()).toMatchObject({ kind: "waiting", detail: expect.stringContaining("ECONNREFUSED") });
    cxone.answers.token = () => {};
    expect(await build({ timeouts: { tokenMs: 150 } }).prepare()).toMatchObject({
      kind: "waiting",
      detail: "token endpoint: no whole answer in time",
    });
  });

  it("ends only the wait of the caller who gave up", async () => {
    const { client } = await setup();
    const abort = new AbortController();
    const given = client.prepare({ signal: abort.signal });
    const other = client.prepare();
    abort.abort(new Error("closing"));
    await expect(given).rejects.toThrow("closing");
    expect(await other).toMatchObject({ kind: "ready" });
  });
});

describe("discovery", () => {
  it("that names no token endpoint, no API or no tenant is a matter of configuration", async () => {
    const noToken = await setup();
    noToken.cxone.answers.identity = (response) => answerJson(response, 200, { issuer: "x" });
    expect(await noToken.client.prepare()).toMatchObject({
      kind: "refused",
      reason: "configuration",
      detail: "openid-configuration: names no token_endpoint",
    });
    const noApi = await setup();
    noApi.cxone.answers.api = (response) => answerJson(response, 200, { private: false });
    expect(await noApi.client.prepare()).toMatchObject({
      kind: "refused",
      reason: "configuration",
      detail: "cxone-configuration: names no api_endpoint",
    });
    const noTenant = await setup();
    noTenant.cxone.answers.token = (response) => answerJson(response, 200, { access_token: "opaque", expires_in: 60 });
    expect(await noTenant.client.prepare()).toMatchObject({ kind: "refused", reason: "configuration" });
  });

  it("of an unknown tenant is a matter of configuration; an issuer in trouble is waited for", async () => {
    const { cxone, client, build } = await setup();
    cxone.answers.api = (response) => response.writeHead(404).end();
    expect(await client.prepare()).toMatchObject({ kind: "refused", reason: "configuration", httpStatus: 404 });
    cxone.answers.api = (response) => response.writeHead(503).end();
    expect(await build().prepare()).toMatchObject({ kind: "waiting" });
  });

  it("never sends anything to a host that is not allowed, configured or discovered", async () => {
    const elsewhere = await serveHttp((_, response) => response.end());
    const only = (cxone: LocalCxOne) => parseAllowedHosts([`http://127.0.0.1:${cxone.server.port}`]);
    const evil = `http://127.0.0.1:${elsewhere.port}`;
    const refused = {
      kind: "refused",
      reason: "configuration",
      detail: expect.stringContaining("is not an allowed host"),
    };
    const { cxone, build } = await setup();
    const allowedHosts = only(cxone);
    expect(await build({ allowedHosts, target: { ...cxone.target, issuer: evil } }).prepare()).toMatchObject(refused);
    expect(await build({ allowedHosts, target: { ...cxone.target, apiEndpoint: evil } }).prepare()).toMatchObject(
      refused,
    );
    cxone.answers.api = (response) => answerJson(response, 200, { api_endpoint: evil });
    expect(await build({ allowedHosts }).prepare()).toMatchObject(refused);
    cxone.answers.identity = (response) => answerJson(response, 200, { token_endpoint: `${evil}/auth/token` });
    expect(await build({ allowedHosts }).prepare()).toMatchObject(refused);
    const stored = {
      token: "t",
      tokenType: "Bearer",
      apiEndpoint: evil,
      expiresAt: Date.now() + 60_000,
      obtainedAt: Date.now(),
      version: "1",
    };
    expect(await build({ allowedHosts }).signal(CONTACT, {}, { timeLimitMs: 1_000, access: stored })).toMatchObject({
      kind: "unreachable",
    });
    expect(elsewhere.connections()).toBe(0);
  });

  it("refuses an address that is kept and no longer allowed as configuration, and asks it nothing", async () => {
    const accessStore = createMemoryApiAccessStore();
    const { cxone, client, build } = await setup({ accessStore });
    expect(await client.prepare()).toMatchObject({ kind: "ready" });
    const restarted = build({ allowedHosts: parseAllowedHosts(["https://api.example.com"]) });
    expect(await restarted.prepare()).toEqual({
      kind: "refused",
      reason: "configuration",
      detail: `${cxone.url} is not an allowed host`,
    });
    await expect(restarted.getContact(CONTACT, { timeLimitMs: 5_000 })).rejects.toMatchObject({
      code: "configuration",
    });
    expect(requests(cxone).signal).toBe(0);
    // Other processes still have the access that they may use.
    expect(await client.prepare()).toMatchObject({ kind: "ready" });
  });
});
