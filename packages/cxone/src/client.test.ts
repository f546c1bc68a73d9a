import type { CxOneTarget, Params } from "@baton/domain";
import { describe, expect, it, onTestFinished } from "vitest";
import { CREDENTIALS, createToken, type LocalCxOne, startLocalCxOne, TENANT } from "../testing/local-cxone.ts";
import { answerJson, freePort, listenFull, serveHttp } from "../testing/servers.ts";
import { parseAllowedHosts } from "./allowed-hosts.ts";
import { CxOneClient, type CxOneOptions } from "./client.ts";
import { createCxOneHttp } from "./http.ts";
import { createMemoryAccessStore } from "./memory-access-store.ts";

const CONTACT = "9007199254740993001";
const PARAMS: Params = { p1: "Escalate", p2: "4071234", p3: "billing question & more", p9: "ünïcode" };

async function setup(options: Partial<CxOneOptions> = {}, target: Partial<CxOneTarget> = {}) {
  const cxone = await startLocalCxOne();
  const http = createCxOneHttp();
  onTestFinished(() => http.close());
  const tokenResults: string[] = [];
  const build = (more: Partial<CxOneOptions> = {}) =>
    new CxOneClient({
      target: { ...cxone.target, ...target },
      credentials: CREDENTIALS,
      allowedHosts: parseAllowedHosts(["http://127.0.0.1:*"]),
      http,
      onTokenRequest: (result) => tokenResults.push(result),
      ...options,
      ...more,
    });
  const client = build();
  const signal = (params: Params = PARAMS, timeLimitMs = 5_000) => client.signal(CONTACT, params, { timeLimitMs });
  return { cxone, client, build, signal, tokenResults };
}

/** requests counts what arrived, by kind. */
function requests({ seen }: LocalCxOne) {
  return { identity: seen.identity.length, token: seen.token.length, api: seen.api.length, signal: seen.signal.length };
}

describe("a signal", () => {
  it("is one POST with the parameters in the query, nothing in the body, and the token in the header", async () => {
    const { cxone, signal } = await setup();
    expect(await signal()).toEqual({ kind: "accepted", httpStatus: 202 });
    expect(requests(cxone)).toEqual({ identity: 1, token: 1, api: 1, signal: 1 });
    const [sent] = cxone.seen.signal;
    expect(sent).toMatchObject({
      method: "POST",
      body: "",
      headers: { authorization: `Bearer ${createToken(1)}`, accept: "application/json", "content-length": "0" },
    });
    expect(sent?.url.pathname).toBe(`/inContactAPI/services/v30.0/interactions/${CONTACT}/signal`);
    expect(Object.fromEntries(sent?.url.searchParams ?? [])).toEqual(PARAMS);
  });

  it("carries the parameters in a JSON body where the connector says so", async () => {
    const { cxone, signal } = await setup({}, { paramsIn: "body" });
    await signal();
    const [sent] = cxone.seen.signal;
    expect(sent?.url.search).toBe("");
    expect(sent?.headers["content-type"]).toBe("application/json");
    expect(JSON.parse(sent?.body ?? "")).toEqual(PARAMS);
  });

  it("carries p1 in the query and the rest in the body where the connector says so", async () => {
    const { cxone, signal } = await setup({}, { paramsIn: "hybrid", apiVersion: "v24.0" });
    await signal();
    const [sent] = cxone.seen.signal;
    const { p1, ...rest } = PARAMS;
    expect(sent?.url.pathname).toContain("/v24.0/");
    expect(Object.fromEntries(sent?.url.searchParams ?? [])).toEqual({ p1 });
    expect(JSON.parse(sent?.body ?? "")).toEqual(rest);
  });

  it("may have no parameters at all", async () => {
    const { cxone, signal } = await setup();
    expect(await signal({})).toMatchObject({ kind: "accepted" });
    expect(cxone.seen.signal[0]?.url.search).toBe("");
  });

  it("uses a new connection each time for at-most-once, and a kept one else", async () => {
    const kept = await setup();
    const fresh = await setup({ freshConnections: true });
    for (let n = 0; n < 3; n += 1) await Promise.all([kept.signal(), fresh.signal()]);
    expect(kept.cxone.server.connections()).toBe(1);
    expect(fresh.cxone.server.connections()).toBe(1 + 3); // one for discovery and token
  });

  it("refuses a contact id that could be another path, before anything is sent", async () => {
    const { cxone, client } = await setup();
    await expect(client.signal("../1", {}, { timeLimitMs: 1_000 })).rejects.toThrow(RangeError);
    expect(requests(cxone).signal).toBe(0);
  });
});

describe("CXone's answer to a signal", () => {
  const rejected = [400, 402, 404, 405, 406, 409, 410, 411, 413, 414, 415, 418, 422, 451].map(
    (status) => [status, { kind: "rejected" }] as const,
  );
  const ambiguous = [408, 500, 501, 502, 504, 507, 520].map((status) => [status, { kind: "ambiguous" }] as const);
  const accepted = [200, 201, 202, 204].map((status) => [status, { kind: "accepted" }] as const);

  it.each([
    ...accepted,
    ...rejected,
    ...ambiguous,
    [425, { kind: "throttled" }] as const,
    [429, { kind: "throttled" }] as const,
    [503, { kind: "unavailable" }] as const,
  ])("of HTTP %i is %j, after one request", async (status, outcome) => {
    const { cxone, signal } = await setup();
    cxone.answers.signal = (response) => response.writeHead(status).end();
    expect(await signal()).toEqual({ ...outcome, httpStatus: status });
    expect(requests(cxone).signal).toBe(1);
  });

  it.each([425, 429, 503])("of HTTP %i carries Retry-After as a duration", async (status) => {
    const { cxone, signal } = await setup();
    cxone.answers.signal = (response) => response.writeHead(status, { "retry-after": "7" }).end();
    expect(await signal()).toMatchObject({ retryAfterMs: 7_000 });
  });

  it("carries Retry-After as a date too", async () => {
    const { cxone, signal } = await setup();
    cxone.answers.signal = (response) => response.writeHead(429, { "retry-after": new Date(Date.now() + 60_000).toUTCString() }).end();
    const outcome = await signal();
    expect(outcome.kind === "throttled" && outcome.retryAfterMs).toSatisfy((ms: number) => ms > 30_000 && ms <= 60_000);
  });

  it("is unreachable when nobody listens, and when no connection comes about in time", async () => {
    const { client } = await setup();
    const prepared = await client.prepare();
    if (prepared.kind !== "ready") throw new Error(prepared.kind);
    const at = (port: number) => ({ timeLimitMs: 200, access: { ...prepared.access, apiEndpoint: `http://127.0.0.1:${port}` } });
    expect(await client.signal(CONTACT, PARAMS, at(await freePort()))).toMatchObject({ kind: "unreachable" });
    expect(await client.signal(CONTACT, PARAMS, at(await listenFull()))).toMatchObject({ kind: "unreachable" });
  });

  it("is ambiguous when the connection is lost after the request", async () => {
    const { cxone, signal } = await setup();
    cxone.answers.signal = (response) => response.destroy();
    expect(await signal()).toMatchObject({ kind: "ambiguous" });
    expect(requests(cxone).signal).toBe(1);
  });

  it("is ambiguous when a kept connection is dropped under the request, and the request is not repeated", async () => {
    const { cxone, signal } = await setup();
    await signal();
    cxone.answers.signal = (response) => response.socket?.resetAndDestroy();
    expect(await signal()).toMatchObject({ kind: "ambiguous" });
    expect(requests(cxone).signal).toBe(2);
    expect(cxone.server.connections()).toBe(1);
  });

  it("is ambiguous when none comes in time", async () => {
    const { cxone, signal, client } = await setup();
    await client.prepare();
    cxone.answers.signal = () => {};
    expect(await signal(PARAMS, 150)).toEqual({ kind: "ambiguous", detail: "no whole answer in time" });
  });

  it("is ambiguous when it is cut off, with the status that came", async () => {
    const { cxone, signal } = await setup();
    cxone.answers.signal = (response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("half", () => response.socket?.end());
    };
    expect(await signal()).toMatchObject({ kind: "ambiguous", httpStatus: 200 });
  });

  it("is told in CXone's words, without token, credentials or parameters however they are echoed", async () => {
    const { cxone, signal } = await setup();
    cxone.answers.signal = (response, { url, headers }) => {
      const error = `bad ${url.search} ${headers.authorization} ${CREDENTIALS.clientSecret}`;
      response.setHeader("icStatusDescription", Buffer.from(`p9=${PARAMS.p9}`).toString("latin1"));
      answerJson(response, 400, {
        error,
        error_description: JSON.stringify(PARAMS),
        message: Buffer.from(PARAMS.p3 ?? "").toString("base64"),
      });
    };
    const outcome = await signal();
    expect(outcome).toMatchObject({ kind: "rejected", httpStatus: 400, detail: expect.stringMatching(/^bad \?p1=\[redacted\]/) });
    const said = decodeURIComponent(JSON.stringify(outcome));
    for (const secret of [...Object.values(PARAMS), ...Object.values(CREDENTIALS), createToken(1)]) expect(said).not.toContain(secret);
  });
});

describe("the token", () => {
  it("is asked for with percent-encoded keys and the client's credentials in the header", async () => {
    const { cxone, client } = await setup();
    await client.prepare();
    const [asked] = cxone.seen.token;
    expect(asked?.body).toBe("grant_type=password&username=AKID%3D%3D%3D%3D&password=AKSECRET%3D%3D%3D%3D");
    const basic = Buffer.from((asked?.headers.authorization ?? "").replace("Basic ", ""), "base64").toString();
    expect(basic).toBe("app%40vendor:clientSecret%2Fwith%2Bsigns%3D%3D");
    expect(asked?.headers).toMatchObject({ accept: "application/json", "content-type": "application/x-www-form-urlencoded" });
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
    expect(await client.prepare()).toMatchObject({ kind: "ready", access: { token: createToken(1), tokenType: "Bearer" } });
  });

  it("lives as long as the answer says, from its receipt", async () => {
    const { cxone, client } = await setup();
    cxone.answers.token = (response) => answerJson(response, 200, { access_token: createToken(1), expires_in: 90 });
    const prepared = await client.prepare();
    if (prepared.kind !== "ready") throw new Error(prepared.kind);
    expect(prepared.access.expiresAt - prepared.access.obtainedAt).toBe(90_000);
  });

  it("is renewed ahead of its end without anybody waiting for it", async () => {
    const { cxone, client } = await setup();
    cxone.answers.token = (response, _, count) => {
      if (count === 1) answerJson(response, 200, { access_token: createToken(1), expires_in: 1 });
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

  it.each([400, 401, 403])("refused with HTTP %i refuses the credentials, and is not asked for again within 30 s", async (status) => {
    const { cxone, client, signal, tokenResults } = await setup();
    cxone.answers.token = (response) =>
      answerJson(response, status, { error: "invalid_client", error_description: `unknown ${CREDENTIALS.accessKeyId}` });
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
  });

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

  it.each([
    ["HTML", "<html>Login</html>"],
    ["nothing", ""],
    ["no token", '{"token_type":"Bearer"}'],
    ["a token that fits no header", '{"access_token":"a\\r\\nX: b","expires_in":3600}'],
    ["no lifetime to speak of", '{"access_token":"abc","expires_in":0}'],
    ["two elements", '[{"access_token":"a"},{"access_token":"b"}]'],
  ])("that is %s is waited for", async (_, body) => {
    const { cxone, client } = await setup();
    cxone.answers.token = (response) => response.end(body);
    expect(await client.prepare()).toMatchObject({ kind: "waiting", detail: expect.stringMatching(/^token endpoint: /) });
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
    const refused = { kind: "refused", reason: "configuration", detail: expect.stringContaining("is not an allowed host") };
    const { cxone, build } = await setup();
    const allowedHosts = only(cxone);
    expect(await build({ allowedHosts, target: { ...cxone.target, issuer: evil } }).prepare()).toMatchObject(refused);
    expect(await build({ allowedHosts, target: { ...cxone.target, apiEndpoint: evil } }).prepare()).toMatchObject(refused);
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
});

describe("a refused token", () => {
  /** onlyToken answers 401 to all but the nth token. */
  function onlyToken(cxone: LocalCxOne, count: number) {
    cxone.answers.signal = (response, { headers }) =>
      response.writeHead(headers.authorization === `Bearer ${createToken(count)}` ? 202 : 401).end();
  }

  it("is renewed, and the signal sent once more", async () => {
    const { cxone, signal } = await setup();
    onlyToken(cxone, 2);
    expect(await signal()).toEqual({ kind: "accepted", httpStatus: 202 });
    expect(requests(cxone)).toMatchObject({ token: 2, signal: 2, api: 1 });
  });

  it("is renewed once for fifty signals of two processes that meet it together", async () => {
    const accessStore = createMemoryAccessStore();
    const { cxone, client, build } = await setup({ accessStore });
    const other = build();
    await Promise.all([client.prepare(), other.prepare()]);
    await other.prepare();
    onlyToken(cxone, 2);
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, n) => (n % 2 ? client : other).signal(CONTACT, PARAMS, { timeLimitMs: 5_000 })),
    );
    expect(outcomes.every(({ kind }) => kind === "accepted")).toBe(true);
    expect(requests(cxone).token).toBe(2);
  });

  it("is replaced by the one that another process has fetched already, without asking for another", async () => {
    const { cxone, client, signal } = await setup();
    const prepared = await client.prepare();
    if (prepared.kind !== "ready") throw new Error(prepared.kind);
    onlyToken(cxone, 2);
    await signal();
    expect(await client.signal(CONTACT, PARAMS, { timeLimitMs: 5_000, access: prepared.access })).toMatchObject({ kind: "accepted" });
    expect(requests(cxone).token).toBe(2);
  });

  it.each([401, 403])("with HTTP %i again and again costs fifty signals two token requests in all", async (status) => {
    const { cxone, signal } = await setup();
    cxone.answers.signal = (response) => answerJson(response, status, { error: "denied" });
    const together = await Promise.all(Array.from({ length: 25 }, () => signal()));
    const oneByOne = [];
    for (let n = 0; n < 25; n += 1) oneByOne.push(await signal());
    for (const outcome of [...together, ...oneByOne]) {
      expect(outcome).toEqual({ kind: "unauthorized", httpStatus: status, renewal: "refused", detail: "denied" });
    }
    expect(requests(cxone).token).toBe(2);
  });

  it("is pending while the token endpoint is down, and not begun with again", async () => {
    const { cxone, client, signal } = await setup();
    await client.prepare();
    onlyToken(cxone, 3);
    cxone.answers.token = (response) => response.writeHead(503).end();
    expect(await signal()).toEqual({ kind: "unauthorized", httpStatus: 401, renewal: "pending" });
    expect(await client.prepare()).toMatchObject({ kind: "waiting", detail: "token endpoint: HTTP 503" });
    expect(requests(cxone)).toMatchObject({ token: 2, signal: 1 });
  });

  it("is refused for good when the renewal refuses the credentials", async () => {
    const { cxone, client, signal } = await setup();
    await client.prepare();
    onlyToken(cxone, 2);
    cxone.answers.token = (response) => answerJson(response, 401, { error: "invalid_client" });
    expect(await signal()).toMatchObject({ kind: "unauthorized", renewal: "refused" });
    expect(requests(cxone)).toMatchObject({ token: 2, signal: 1 });
  });

  it("is pending when the renewal takes longer than the attempt may, and the next signal has the new one", async () => {
    const { cxone, client, signal } = await setup();
    await client.prepare();
    onlyToken(cxone, 2);
    const { token } = cxone.answers;
    const held = Promise.withResolvers<() => void>();
    cxone.answers.token = (...args) => held.resolve(() => token(...args));
    expect(await signal(PARAMS, 250)).toMatchObject({ kind: "unauthorized", renewal: "pending" });
    (await held.promise)();
    expect(await signal()).toMatchObject({ kind: "accepted" });
    expect(requests(cxone).token).toBe(2);
  });

  it("is pending when the access store fails, because CXone's answer is known", async () => {
    const working = createMemoryAccessStore();
    let broken = false;
    const accessStore = {
      ...working,
      claim: (request: object) => (broken ? Promise.reject(new Error("ECONNRESET")) : working.claim(request)),
    };
    const { cxone, client, signal } = await setup({ accessStore });
    await client.prepare();
    onlyToken(cxone, 2);
    broken = true;
    expect(await signal()).toMatchObject({ kind: "unauthorized", renewal: "pending" });
    await expect(client.prepare()).rejects.toThrow("ECONNRESET");
  });
});

describe("a redirect", () => {
  it("is not followed; the address is discovered anew and tried within the attempt", async () => {
    const { cxone, client, signal } = await setup();
    await client.prepare();
    const followed = await serveHttp((_, response) => response.end());
    const moved = await serveHttp((_, response) => response.writeHead(200).end());
    cxone.answers.signal = (response) => response.writeHead(302, { location: `http://127.0.0.1:${followed.port}/` }).end();
    cxone.answers.api = (response) => answerJson(response, 200, { api_endpoint: `http://127.0.0.1:${moved.port}/` });
    expect(await signal()).toEqual({ kind: "accepted", httpStatus: 200 });
    expect(followed.connections()).toBe(0);
    expect(requests(cxone)).toMatchObject({ token: 1, api: 2, signal: 1 });
    expect(await signal()).toMatchObject({ kind: "accepted" });
    expect(requests(cxone)).toMatchObject({ api: 2, signal: 1 });
  });

  it.each([301, 302, 304, 307, 308])(
    "with HTTP %i and an unchanged address stays one, and discovery is asked once in 30 s",
    async (status) => {
      const { cxone, signal } = await setup();
      cxone.answers.signal = (response) => response.writeHead(status, { location: "https://elsewhere.example/?p1=Escalate" }).end();
      const redirected = { kind: "redirected", httpStatus: status, detail: "redirected to https://elsewhere.example" };
      expect(await signal()).toEqual(redirected);
      expect(await signal()).toEqual(redirected);
      expect(requests(cxone)).toMatchObject({ token: 1, api: 2, signal: 2 });
    },
  );

  it("of a configured address is nothing that discovery could mend", async () => {
    const { cxone, build } = await setup();
    cxone.answers.signal = (response) => response.writeHead(302).end();
    const fixed = build({ target: { ...cxone.target, apiEndpoint: cxone.url } });
    expect(await fixed.signal(CONTACT, PARAMS, { timeLimitMs: 5_000 })).toEqual({
      kind: "redirected",
      httpStatus: 302,
      detail: "redirected",
    });
    expect(requests(cxone)).toMatchObject({ api: 0, signal: 1 });
  });

  it("while discovery is down leaves the API unreachable for now", async () => {
    const { cxone, client, signal } = await setup();
    await client.prepare();
    cxone.answers.signal = (response) => response.writeHead(302).end();
    cxone.answers.api = (response) => response.writeHead(503).end();
    expect(await signal()).toMatchObject({ kind: "unreachable", detail: expect.stringContaining("HTTP 302") });
  });

  it("to a host that is not allowed is never tried", async () => {
    const { cxone, client, signal } = await setup();
    await client.prepare();
    cxone.answers.signal = (response) => response.writeHead(302).end();
    cxone.answers.api = (response) => answerJson(response, 200, { api_endpoint: "https://evilniceincontact.com" });
    expect(await signal()).toMatchObject({ kind: "redirected" });
    expect(requests(cxone).signal).toBe(1);
  });

  it("and a refused token are each mended once in one signal", async () => {
    const { cxone, client, signal } = await setup();
    await client.prepare();
    const moved = await serveHttp((request, response) =>
      response.writeHead(request.headers.authorization?.endsWith(createToken(2)) ? 202 : 401).end(),
    );
    cxone.answers.signal = (response) => response.writeHead(307).end();
    cxone.answers.api = (response) => answerJson(response, 200, { api_endpoint: `http://127.0.0.1:${moved.port}` });
    expect(await signal()).toEqual({ kind: "accepted", httpStatus: 202 });
    expect(requests(cxone)).toMatchObject({ token: 2, api: 2, signal: 1 });
  });
});
