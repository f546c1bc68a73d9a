import type { ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { CREDENTIALS, createToken } from "../testing/local-cxone.ts";
import { answerJson, freePort, listenFull } from "../testing/servers.ts";
import { CONTACT, PARAMS, requests, setup } from "../testing/setup.ts";

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

  it.each([Number.POSITIVE_INFINITY, 2 ** 31, Number.MAX_SAFE_INTEGER])(
    "has all the time it needs within %d ms",
    async (timeLimitMs) => {
      const { client } = await setup();
      expect(await client.signal(CONTACT, PARAMS, { timeLimitMs })).toEqual({ kind: "accepted", httpStatus: 202 });
      expect(await client.signal(CONTACT, PARAMS, { timeLimitMs })).toEqual({ kind: "accepted", httpStatus: 202 });
    },
  );

  it.each([0, -1, Number.NaN])("does not leave within %d ms", async (timeLimitMs) => {
    const { cxone, client, signal } = await setup();
    await signal();
    expect(await client.signal(CONTACT, PARAMS, { timeLimitMs })).toMatchObject({ kind: "unreachable" });
    expect(requests(cxone).signal).toBe(1);
  });

  it("refuses a contact id that could be another path, before anything is sent", async () => {
    const { cxone, client } = await setup();
    await expect(client.signal("../1", {}, { timeLimitMs: 1_000 })).rejects.toMatchObject({
      code: "invalid-contact-id",
    });
    expect(requests(cxone).signal).toBe(0);
  });

  it("refuses a contact id that is a number, which may have lost its last digits", async () => {
    const { cxone, client } = await setup();
    const { contactId } = JSON.parse('{"contactId": 9007199254740993001}');
    const options = { timeLimitMs: 1_000 };
    await expect(client.signal(contactId, {}, options)).rejects.toMatchObject({ code: "invalid-contact-id" });
    await expect(client.getContact(contactId, options)).rejects.toMatchObject({ code: "invalid-contact-id" });
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
    cxone.answers.signal = (response) =>
      response.writeHead(429, { "retry-after": new Date(Date.now() + 60_000).toUTCString() }).end();
    const outcome = await signal();
    expect(outcome.kind === "throttled" && outcome.retryAfterMs).toSatisfy((ms: number) => ms > 30_000 && ms <= 60_000);
  });

  it("is unreachable when no process listens, and when no connection comes about in time", async () => {
    const { client } = await setup();
    const prepared = await client.prepare();
    if (prepared.kind !== "ready") throw new Error(prepared.kind);
    const at = (port: number) => ({
      timeLimitMs: 200,
      access: { ...prepared.access, apiEndpoint: `http://127.0.0.1:${port}` },
    });
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

  it("is what follows 103 Early Hints; after 100 Continue it is ambiguous, since undici closes the connection", async () => {
    const { cxone, signal } = await setup();
    cxone.answers.signal = (response) => {
      response.writeEarlyHints({ link: "</a>; rel=preload" });
      response.writeHead(202).end();
    };
    expect(await signal()).toEqual({ kind: "accepted", httpStatus: 202 });
    cxone.answers.signal = (response) => {
      response.writeContinue();
      response.writeHead(202).end();
    };
    expect(await signal()).toMatchObject({ kind: "ambiguous" });
    expect(requests(cxone).signal).toBe(2);
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
      response.writeHead(500, { "content-length": "100" });
      response.write("half", () => response.socket?.end());
    };
    expect(await signal()).toMatchObject({ kind: "ambiguous", httpStatus: 500 });
  });

  it.each([
    ["cut off", (response: ServerResponse) => response.socket?.end()],
    ["too slow", () => undefined],
  ])("is accepted once a 2xx has come, though the rest is %s", async (_, goOn) => {
    const { cxone, signal, client } = await setup();
    await client.prepare();
    cxone.answers.signal = (response) => {
      response.writeHead(202, { "content-length": "100" });
      response.write("half", () => goOn(response));
    };
    expect(await signal(PARAMS, 300)).toEqual({ kind: "accepted", httpStatus: 202 });
  });

  it("shows CXone's words, without token, credentials or parameters however they are echoed", async () => {
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
    expect(outcome).toMatchObject({
      kind: "rejected",
      httpStatus: 400,
      detail: expect.stringMatching(/^bad \?p1=\[redacted\]/),
    });
    const said = decodeURIComponent(JSON.stringify(outcome));
    for (const secret of [...Object.values(PARAMS), ...Object.values(CREDENTIALS), createToken(1)])
      expect(said).not.toContain(secret);
  });
});
