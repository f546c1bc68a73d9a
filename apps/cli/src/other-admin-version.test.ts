/**
 * Commands against an admin of another build. An earlier one leaves out what came later, and refuses a query that it
 * lacks; a later one has words that came later.
 */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { createToken } from "@baton/vault";
import { expect, it, onTestFinished } from "vitest";
import { runBaton } from "../testing/run-baton.ts";

const AT = "2026-11-23T10:15:30.123Z";
const CAUSE = {
  cause: "cs_1",
  reason: "rejected",
  httpStatus: 404,
  detail: "not_found",
  count: 12,
  lastHour: 3,
  connectors: ["cn_1"],
  connectorsTotal: 1,
  firstAt: AT,
  lastAt: AT,
  sampleId: "ho_1",
  state: "open",
};
const FREQUENT = { ...CAUSE, cause: "cs_2", count: 40, lastHour: 0 };
const CONNECTOR = {
  id: "cn_1",
  name: "Acme",
  accountId: "acme",
  projectId: "support-line",
  environment: "live",
  enabled: true,
  paused: false,
  pseudoNumbers: [],
  contactIdHeader: "X-InContact-ContactId",
  cxone: { issuer: "https://cxone.niceincontact.com", apiVersion: "v30.0", paramsIn: "query" },
  credentials: { clientId: "set", clientSecret: "set", accessKeyId: "set", accessKeySecret: "set" },
  delivery: {
    ...{ guarantee: "at-least-once", deadlineMs: 60_000, maxAttempts: 10, attemptTimeoutMs: 3_000 },
    ...{ backoff: { baseMs: 250, capMs: 10_000 }, rate: null, maxHoldMs: 30_000, maxParamBytes: 256 },
  },
  createdAt: AT,
};
const DEAD = {
  id: "ho_1",
  connectorId: "cn_1",
  accountId: "acme",
  projectId: "support-line",
  environment: "live",
  contactId: "100000000001",
  status: "dead",
  reason: "rejected",
  acceptedAt: AT,
  deadlineAt: AT,
  endedAt: AT,
  attempts: [{ number: 1, startedAt: AT, durationMs: 20, outcome: "rejected", httpStatus: 404, detail: "not_found" }],
  mayHaveArrived: false,
  possibleDuplicate: false,
  replays: 0,
};
const LATER = {
  ...{ ...DEAD, id: "ho_2", status: "scheduled", reason: undefined },
  attempts: [{ number: 1, startedAt: AT, durationMs: 20, outcome: "outpaced", httpStatus: 425 }],
};
const OVERVIEW = {
  asOf: AT,
  handoffs: { queued: 0, due: 0, sending: 0, oldestQueuedMs: null, willMiss: 0 },
  deadLetters: {
    total: 52,
    lastHour: 3,
    byReason: { rejected: 52, expired: 0, exhausted: 0, unknown: 0, credentials: 0, configuration: 0 },
  },
  workers: 1,
  paused: true,
  runs: { running: 0, paused: 0 },
  connectorsTotal: 1,
  connectors: [
    {
      ...{
        id: "cn_1",
        name: "Acme",
        queued: 0,
        due: 0,
        sending: 0,
        oldestQueuedMs: null,
        deadlineUsed: 0,
        willMiss: 0,
      },
      ...{ waitingFor: {}, deadLetters: 52, breaker: "open", paused: false, deliveredLastHour: 7 },
      ...{ p50Ms: 90, p99Ms: 210 },
    },
  ],
};
const EXPLANATION = {
  outcome: "throttled",
  next: "retry",
  mayHaveArrived: false,
  breaker: { counts: false, minRequests: 20, failureRatio: 0.8, windowMs: 10_000, openMs: 1_000, maxOpenMs: 15_000 },
  text: ["CXone asks for fewer requests."],
};

const UNKNOWN_FIELD = {
  type: "urn:baton:problem:invalid-request",
  title: "The request is not understood",
  status: 400,
  detail: "the query is not as this route takes it",
  errors: [{ pointer: "/sort", message: 'unknown field "sort"; accepted here: connectorId, state, cursor, limit' }],
};

/** answerTo gives what the earlier build answers; undefined where it knows no such path. */
function answerTo({ method = "", url = "" }: IncomingMessage): object | undefined {
  const { pathname, searchParams } = new URL(url, "http://admin");
  if (pathname === "/admin/v1/dead-letters/causes")
    return searchParams.has("sort") ? UNKNOWN_FIELD : { items: [FREQUENT, CAUSE] };
  const answers: Readonly<Record<string, object>> = {
    "GET /admin/v1/overview": OVERVIEW,
    "GET /admin/v1/dead-letters": { items: [{ ...DEAD, cause: "cs_1", diedAt: AT }] },
    "PATCH /admin/v1/dead-letters/causes/cs_1": { ...CAUSE, state: "acknowledged", by: "Ana" },
    "GET /admin/v1/handoffs/ho_1": DEAD,
    "GET /admin/v1/handoffs/ho_2": LATER,
    "GET /admin/v1/handoffs/ho_3": { ...LATER, id: "ho_3", status: "queued", waitingFor: "full-moon" },
    "GET /admin/v1/connectors": { items: [CONNECTOR] },
    "GET /admin/v1/connectors/cn_1": CONNECTOR,
    "POST /admin/v1/explain": EXPLANATION,
  };
  return answers[`${method} ${pathname}`];
}

/** setup starts such an admin, over HTTP. */
async function setup() {
  const server = createServer((request, response) => {
    const answer = answerTo(request) ?? { type: "about:blank", title: "Nothing here", status: 404, detail: "no path" };
    const status = "status" in answer && typeof answer.status === "number" ? answer.status : 200;
    response.writeHead(status, { "content-type": status === 200 ? "application/json" : "application/problem+json" });
    response.end(JSON.stringify(answer));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const env = { BATON_ADMIN_URL: url, BATON_ADMIN_KEY: createToken("ba").token };
  return { baton: (...args: string[]) => runBaton(args, { env }) };
}

it("shows the overview of an earlier admin, with the causes of most of the last hour first", async () => {
  const { baton } = await setup();
  const { code, stdout } = await baton("top", "--once");
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^Everything is paused · Acme: breaker open · 3 dead letters in the last hour, 3 of one cause\.$/m,
  );
  expect([...stdout.matchAll(/cs_\d$/gm)].map(String)).toEqual(["cs_1", "cs_2"]);
  const json = await baton("top", "--json");
  expect({ code: json.code, overview: JSON.parse(json.stdout) }).toEqual({ code: 0, overview: OVERVIEW });
});

it("lists and acknowledges causes of an earlier admin, and adds nothing that it did not say", async () => {
  const { baton } = await setup();
  const listed = await baton("dead-letters", "causes");
  expect(listed).toMatchObject({ code: 0, stderr: expect.stringMatching(/^2 causes\n/) });
  expect(listed.stdout).toMatch(/^ +12 {2}rejected {2}404 .* Acme /m);
  const json = await baton("dead-letters", "causes", "--json");
  expect({ code: json.code, causes: JSON.parse(json.stdout) }).toEqual({ code: 0, causes: [FREQUENT, CAUSE] });
  expect(await baton("dead-letters", "acknowledge", "cs_1")).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^state +acknowledged by Ana$/m),
  });
});

it("explains an answer, and says why a handoff is dead, by what an earlier admin knows", async () => {
  const { baton } = await setup();
  const explained = await baton("explain", "--status", "429");
  expect(explained).toMatchObject({ code: 0, stdout: expect.stringContaining("- CXone asks for fewer requests.") });
  expect(JSON.parse((await baton("explain", "--status", "429", "--json")).stdout)).toEqual(EXPLANATION);
  const why = await baton("why", "ho_1");
  expect(why).toMatchObject({ code: 0, stdout: expect.stringContaining("It is a dead letter (rejected)") });
  const { stdout } = await baton("doctor", "--json");
  expect(stdout).toContain("52 dead letters, none of the last 15 minutes");
});

it("shows a handoff of a later admin in that admin's words", async () => {
  const { baton } = await setup();
  const shown = await baton("handoff", "ho_2");
  expect(shown).toMatchObject({ code: 0, stdout: expect.stringMatching(/^status +scheduled$/m) });
  expect(shown.stdout).toMatch(/ outpaced +425/);
  const { stdout } = await baton("why", "ho_2");
  expect(stdout).toContain("It is scheduled, which a newer baton explains.");
  expect(stdout).toContain("Attempt 1: outpaced (425), after 20 ms.");
  expect((await baton("why", "ho_3")).stdout).toContain("It waits for full-moon, which a newer baton explains.");
});
