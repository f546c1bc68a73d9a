import { describe, expect, it } from "vitest";
import { createToken, type LocalCxOne } from "../testing/local-cxone.ts";
import { answerJson, serveHttp } from "../testing/servers.ts";
import { CONTACT, PARAMS, requests, setup } from "../testing/setup.ts";
import { createMemoryApiAccessStore } from "./memory-api-access-store.ts";

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

  it("is followed request by request, each with headers of its own", async () => {
    const { cxone, client } = await setup();
    onlyToken(cxone, 2);
    const followed: unknown[] = [];
    await client.signal(CONTACT, PARAMS, {
      timeLimitMs: 5_000,
      onRequest: ({ method, template, resends }) => ({
        headers: { traceparent: `request ${resends}` },
        end: (answer) => followed.push({ method, template, resends, ...answer }),
      }),
    });
    const request = { method: "POST", template: "/inContactAPI/services/{version}/interactions/{contactId}/signal" };
    expect(followed).toEqual([
      { ...request, resends: 0, status: 401, error: "unauthorized" },
      { ...request, resends: 1, status: 202, error: "accepted" },
    ]);
    expect(cxone.seen.signal.map(({ headers }) => headers.traceparent)).toEqual(["request 0", "request 1"]);
  });

  it("is renewed once for fifty signals of two processes that meet it together", async () => {
    const accessStore = createMemoryApiAccessStore();
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
    expect(await client.signal(CONTACT, PARAMS, { timeLimitMs: 5_000, access: prepared.access })).toMatchObject({
      kind: "accepted",
    });
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
    cxone.answers.token = (response) => answerJson(response, 400, { error: "invalid_grant" });
    const detail = "token endpoint: HTTP 400 invalid_grant";
    const refused = { kind: "unauthorized", renewal: "refused", httpStatus: 401, detail };
    // The second is answered from what the first one was.
    expect([await signal(), await signal()]).toEqual([refused, refused]);
    expect(requests(cxone)).toMatchObject({ token: 2, signal: 2 });
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
    const working = createMemoryApiAccessStore();
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
    cxone.answers.signal = (response) =>
      response.writeHead(302, { location: `http://127.0.0.1:${followed.port}/` }).end();
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
      cxone.answers.signal = (response) =>
        response.writeHead(status, { location: "https://elsewhere.example/?p1=Escalate" }).end();
      const redirected = { kind: "redirected", httpStatus: status, detail: "redirected to https://elsewhere.example" };
      expect(await signal()).toEqual(redirected);
      expect(await signal()).toEqual(redirected);
      expect(requests(cxone)).toMatchObject({ token: 1, api: 2, signal: 2 });
    },
  );

  it("of a configured address is nothing that discovery could repair", async () => {
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

  it("leaves the API unreachable while discovery is down", async () => {
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

  it("and a refused token are each repaired once in one signal", async () => {
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
