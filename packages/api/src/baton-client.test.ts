import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { expect, it, onTestFinished } from "vitest";
import { createBatonClient } from "./baton-client.ts";
import { ProblemError } from "./problem-schema-and-error.ts";

const handoff = {
  id: "ho_1",
  connectorId: "cn_1",
  accountId: "acme",
  projectId: "support-line",
  environment: "live",
  contactId: "100000000001",
  status: "queued",
  acceptedAt: "2026-11-23T10:15:30.123Z",
  deadlineAt: "2026-11-23T10:16:30.123Z",
  attempts: [],
  mayHaveArrived: false,
  possibleDuplicate: false,
  replays: 0,
};

/** A run as admin shows it. */
const RUN = {
  id: "rn_1",
  kind: "discard",
  status: "running",
  matched: 2,
  replayed: 0,
  discarded: 0,
  skipped: 1,
  skippedBecause: { gone: 1 },
  outstanding: 0,
  delivered: 0,
  diedAgain: 0,
  ratePerSecond: 20,
  stopWhenDying: 0.5,
  note: "old",
  filter: {},
  includeUnknown: false,
  skipEndedContacts: false,
  createdBy: "ops",
  createdAt: "2026-11-23T10:15:30.123Z",
};

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

const json = (status: number, body: unknown): Answer => ({ status, body: JSON.stringify(body) });

/** setup serves one answer over HTTP and keeps what was asked. */
async function setup(answer: Answer) {
  const asked: {
    method: string | undefined;
    url: string | undefined;
    headers: IncomingMessage["headers"];
    body: string;
  }[] = [];
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks = await request.toArray();
    asked.push({
      method: request.method,
      url: request.url,
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
    });
    response.writeHead(answer.status, answer.headers).end(answer.body);
  };
  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const close = async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  };
  onTestFinished(close);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    asked,
    close,
    url,
    client: createBatonClient({ ingressUrl: url, adminUrl: `${url}/ops/`, token: "bt_x", adminKey: "ba_x" }),
  };
}

it("sends a handoff with its token, its key and its patience", async () => {
  const { client, asked } = await setup(json(202, handoff));
  expect(await client.send({ contactId: "100000000001" }, { idempotencyKey: "k 1", waitMs: 1_500 })).toEqual(handoff);
  expect(asked).toMatchObject([
    {
      method: "POST",
      url: "/v1/handoffs",
      headers: {
        authorization: "Bearer bt_x",
        "content-type": "application/json",
        "idempotency-key": "k 1",
        prefer: "wait=2",
      },
      body: '{"contactId":"100000000001"}',
    },
  ]);
});

it("asks the admin API under its own address and key, leaving absent filters out", async () => {
  const { client, asked } = await setup(json(200, { items: [], total: 0 }));
  expect(await client.deadLetters({ reason: "expired", limit: 2, cursor: "a-_" })).toEqual({ items: [], total: 0 });
  expect(asked).toMatchObject([
    {
      url: "/ops/admin/v1/dead-letters?reason=expired&limit=2&cursor=a-_",
      headers: { authorization: "Bearer ba_x" },
      body: "",
    },
  ]);
});

it("keeps ids inside their part of the path", async () => {
  const { client, asked } = await setup(json(202, handoff));
  await client.replay("a/b?c", { force: true, note: "repaired" });
  expect(asked).toMatchObject([
    { method: "POST", url: "/ops/admin/v1/dead-letters/a%2Fb%3Fc/replay", body: '{"force":true,"note":"repaired"}' },
  ]);
});

it("plans, starts and changes runs of either kind", async () => {
  const { client, asked } = await setup(json(202, RUN));
  await client.startRun("discard", { planId: "pl_1", note: "old" }, { idempotencyKey: "k" });
  await client.pauseRun("discard", "rn_1", { note: "wait" });
  await client.changeRun("discard", "rn_1", { ratePerSecond: 5 });
  expect(await client.run("discard", "rn_1")).toEqual(RUN);
  expect(asked).toMatchObject([
    { method: "POST", url: "/ops/admin/v1/discards", headers: { "idempotency-key": "k" } },
    { method: "POST", url: "/ops/admin/v1/discards/rn_1/pause", body: '{"note":"wait"}' },
    { method: "PATCH", url: "/ops/admin/v1/discards/rn_1", body: '{"ratePerSecond":5}' },
    { method: "GET", url: "/ops/admin/v1/discards/rn_1" },
  ]);
});

it("reads an answer of a newer Baton, with members that it does not know", async () => {
  const { client } = await setup(json(200, { ...handoff, colour: "red" }));
  expect(await client.get("ho_1")).toEqual(handoff);
});

it("throws the problem, with its code and when to come back", async () => {
  const problem = {
    type: "urn:baton:problem:backlog-full",
    title: "No room for another handoff now",
    status: 429,
    detail: "cn_1 has 10000 queued",
    errors: [{ pointer: "/deadlineMs", message: "too soon" }],
  };
  const { client } = await setup({ ...json(429, problem), headers: { "retry-after": "3" } });
  const error = await client.send({ contactId: "1" }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ProblemError);
  expect(error).toMatchObject({ problem, code: "backlog-full", status: 429, retryAfterMs: 3_000 });
  expect(String(error)).toContain("/deadlineMs: too soon");
});

it("puts a proxy's refusal into words", async () => {
  const { client } = await setup({
    status: 502,
    headers: { "retry-after": "Thu, 01 Jan 1970 00:00:00 GMT" },
    body: "<html>",
  });
  await expect(client.overview()).rejects.toMatchObject({
    name: "ProblemError",
    status: 502,
    code: undefined,
    retryAfterMs: 0,
    problem: { type: "about:blank", status: 502 },
  });
});

it("passes a newer Baton's words on, since what it was asked to do is done", async () => {
  const attempt = { number: 1, startedAt: handoff.acceptedAt, outcome: "deferred-by-newer-rule" };
  const newer = { ...handoff, status: "scheduled", waitingFor: "full-moon", attempts: [attempt] };
  const one = await setup(json(202, newer));
  expect(await one.client.send({ contactId: "100000000001" })).toEqual(newer);
  const batch = await setup(json(200, { results: [{ status: 202, handoff: newer }] }));
  expect(await batch.client.sendBatch([{ contactId: "100000000001" }])).toMatchObject([{ handoff: newer }]);
});

it("passes on a run that left items out for a newer Baton's reason", async () => {
  const run = { ...RUN, skippedBecause: { gone: 1, "under-review": 2 } };
  const { client } = await setup(json(200, run));
  expect(await client.run("discard", "rn_1")).toEqual(run);
});

it.each([
  ["a word where a number belongs", { ...handoff, replays: "many" }],
  ["a number where a word belongs", { ...handoff, status: 7 }],
  ["what lacks a member", { ...handoff, status: "scheduled", id: undefined }],
])("takes %s for no answer of Baton's", async (_, answer) => {
  const { client } = await setup(json(202, answer));
  await expect(client.send({ contactId: "100000000001" })).rejects.toThrow(/no answer of Baton's/);
});

it("says so when it meets something else than Baton", async () => {
  const { client } = await setup({ status: 200, body: "hello" });
  await expect(client.overview()).rejects.toThrow(/no answer of Baton's/);
});

it("says that an answer broke off, and why", async () => {
  const server = createServer((_request, response) => {
    response.writeHead(202, { "content-type": "application/json" }).write('{"id":', () => response.destroy());
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const sent = createBatonClient({ ingressUrl: url, token: "bt_x" }).send({ contactId: "1" });
  await expect(sent).rejects.toThrow(/gave no whole answer/);
  await expect(sent).rejects.toMatchObject({ cause: { message: "terminated" } });
});

it("ends a wait with the reason of the signal that aborts it", async () => {
  const seen = Promise.withResolvers<void>();
  const server = createServer(() => seen.resolve());
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = createBatonClient({ ingressUrl: url, token: "bt_x" });
  const hungUp = new AbortController();
  const sent = client.send({ contactId: "1" }, { waitMs: 30_000, signal: hungUp.signal });
  const read = client.get("ho_1", { signal: hungUp.signal });
  await seen.promise;
  const reason = new Error("the caller hung up");
  hungUp.abort(reason);
  await expect(sent).rejects.toBe(reason);
  await expect(read).rejects.toBe(reason);
  await expect(client.get("ho_1", { signal: hungUp.signal })).rejects.toBe(reason);
});

it("does not blame the network for what cannot be sent", async () => {
  const { client, asked } = await setup(json(202, handoff));
  await expect(client.send({ contactId: "1" }, { idempotencyKey: "\u4f60" })).rejects.toThrow(TypeError);
  await expect(client.send({ contactId: "1", context: { big: 1n } })).rejects.toThrow(/BigInt/);
  expect(asked).toEqual([]);
  const withPassword = createBatonClient({ ingressUrl: "http://user:planted@127.0.0.1:9", token: "bt_planted\u0001" });
  const error = await withPassword.get("ho_1").catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(TypeError);
  expect(inspect(error)).not.toContain("planted");
});

it("never follows a redirect with a key in its hand", async () => {
  const { url, asked } = await setup(json(200, handoff));
  const { client } = await setup({ status: 307, headers: { location: url }, body: "" });
  await expect(client.get("ho_1")).rejects.toThrow(/cannot be reached/);
  expect(asked).toEqual([]);
});

it("names the address when no process listens there, and the option when no key was given", async () => {
  const { url, close } = await setup(json(200, {}));
  await close();
  await expect(createBatonClient({ ingressUrl: url, token: "bt_x" }).get("ho_1")).rejects.toThrow(url);
  await expect(createBatonClient({ ingressUrl: url }).get("ho_1")).rejects.toThrow("`token`");
});
