/**
 * examples/polyai against a live Baton: what the caller hears at each ending, and that there is never a second handoff
 * by mistake.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, it, onTestFinished } from "vitest";
import { startBaton, startIntake } from "./world/baton.ts";
import { HOST, startRedisServer } from "./world/redis-server.ts";
import type { ConnectorChange } from "./world/world.ts";

const RUNTIME = join(import.meta.dirname, "polyai/runtime.py");
const NUMBER = "+15550100100";
const CONTACT = "9007199254740993001";
const CONVERSATION = "conversation-1";

const CONNECTING = /being connected/;
const STILL = /still connecting/;
const REFUSED = /can't transfer this call/;
const TOO_LATE = /couldn't get through/;
const IN_DOUBT = /no confirmation yet/;
const BROKEN = /can't transfer calls at the moment/;
const BUSY = /lines .* are busy/;

/** Turn is one run of the function; `state` is what the conversation keeps for the next. */
interface Turn {
  readonly returned: { readonly utterance: string; readonly content: string; readonly handoff?: unknown };
  readonly state: Readonly<Record<string, unknown>>;
  readonly log: readonly { readonly level: string; readonly message: string }[];
  readonly limitS: number;
}

interface Asking {
  readonly url: string;
  readonly token: string;
  readonly state?: Turn["state"];
  readonly reason?: string;
  readonly sipHeaders?: Readonly<Record<string, string>>;
  readonly pseudoNumber?: string;
}

/** handOff runs the function as PolyAI would, to its own end. */
async function handOff({ url, token, state = {}, ...call }: Asking): Promise<Turn> {
  const child = spawn("python3", [RUNTIME], { stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const sipHeaders = { "X-InContact-ContactId": CONTACT };
  const given = { reason: "billing question", pseudoNumber: NUMBER, sipHeaders, conversationId: CONVERSATION, ...call };
  child.stdin.end(JSON.stringify({ baseUrl: url, token, state, ...given }));
  const [said] = await Promise.all([text(child.stdout), once(child, "close")]);
  return JSON.parse(said) as Turn;
}

async function setup(change: ConnectorChange = {}, environment: Readonly<Record<string, string>> = {}) {
  const baton = await startBaton({ pseudoNumbers: [NUMBER], ...change }, environment);
  baton.simulator.contact(CONTACT, "active");
  const asking = { url: baton.ingressUrl, token: baton.token };
  return { ...baton, asking, handOff: (more: Partial<Asking> = {}) => handOff({ ...asking, ...more }) };
}

async function listen(server: Server): Promise<string> {
  server.listen(0, HOST);
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return `http://${HOST}:${(server.address() as AddressInfo).port}`;
}

it("connects the caller, says so, and leaves PolyAI's own signal alone", async () => {
  const { handOff, simulator, client } = await setup();
  const { returned, state, limitS } = await handOff({ reason: "ü".repeat(300) });
  expect(returned).toEqual({ utterance: expect.stringMatching(CONNECTING), content: expect.any(String) });
  expect(simulator.signals()).toMatchObject([{ contactId: CONTACT, params: { p1: "Escalate", p2: "ü".repeat(128) } }]);
  expect(await client.call(JSON.parse(String(state.baton_call)).id)).toMatchObject({
    contactId: CONTACT,
    sharedId: CONVERSATION,
  });
  expect(limitS).toBeLessThan(10);
});

it("shows what was handed off on the agent's desktop, under the conversation's id", async () => {
  const { handOff, ingressUrl, connector, startAdmin } = await setup();
  await handOff();
  const admin = await startAdmin();
  const issued = await fetch(`${admin.url}/admin/v1/connectors/${connector.id}/screen-pop-keys`, {
    method: "POST",
    headers: { authorization: `Bearer ${admin.key}` },
  });
  const { token } = (await issued.json()) as { token: string };
  const path = `/v1/${connector.accountId}/${connector.projectId}/handoff_state?shared_id=${CONVERSATION}`;
  const shown = await fetch(`${ingressUrl}${path}`, { headers: { "x-api-key": token } });
  expect(await shown.json()).toMatchObject({ shared_id: CONVERSATION, data: { reason: "billing question" } });
});

it.each([
  { ending: "rejected", says: REFUSED, change: {}, begin: (baton: Baton) => baton.simulator.contact(CONTACT, "ended") },
  {
    ending: "expired",
    says: TOO_LATE,
    change: { delivery: { deadlineMs: 1_000 } },
    begin: ({ simulator }: Baton) => simulator.answer({ status: 503 }),
  },
  {
    ending: "exhausted",
    says: TOO_LATE,
    change: { delivery: { maxAttempts: 1 } },
    begin: ({ simulator }: Baton) => simulator.answer({ status: 503 }),
  },
  {
    ending: "credentials",
    says: BROKEN,
    change: {},
    begin: ({ simulator, accessKeyId }: Baton) =>
      simulator.accessKey({
        accessKeyId,
        accessKeySecret: "other",
        clientId: "app@nice",
        clientSecret: "client-secret",
      }),
  },
  {
    ending: "configuration",
    says: BROKEN,
    change: {},
    begin: ({ simulator }: Baton) => simulator.answer({ on: "discovery", body: { issuer: "unknown" } }),
  },
  {
    ending: "exhausted, and may have arrived",
    says: IN_DOUBT,
    change: { delivery: { maxAttempts: 1 } },
    begin: ({ simulator }: Baton) => simulator.answer({ status: 502 }),
  },
  {
    ending: "unknown",
    says: IN_DOUBT,
    change: { delivery: { guarantee: "at-most-once" } },
    begin: ({ simulator }: Baton) => simulator.answer({ reset: "after" }),
  },
] as const)("says something of its own for a handoff that ended $ending", async ({ ending, says, change, begin }) => {
  const baton = await setup(change);
  begin(baton);
  const { returned, log } = await baton.handOff();
  expect(returned.utterance).toMatch(says);
  expect(log.at(-1)).toMatchObject({ level: "error", message: expect.stringContaining(ending.split(",")[0] ?? "") });
});

type Baton = Awaited<ReturnType<typeof setup>>;

it("keeps the caller on the line while the handoff is queued, and gets its end when it asks again, whatever reason it is given", async () => {
  const baton = await startIntake({ pseudoNumbers: [NUMBER] });
  const asking = { url: baton.ingressUrl, token: baton.token };
  const first = await handOff(asking);
  expect(first.returned.utterance).toMatch(STILL);
  await baton.startWorker();
  const second = await handOff({ ...asking, state: first.state, reason: "another reason" });
  expect(second.returned.utterance).toMatch(CONNECTING);
  expect(await baton.accepted()).toHaveLength(1);
});

it("offers another try where the backlog is full, and takes it", async () => {
  const baton = await startIntake({ pseudoNumbers: [NUMBER] }, { BATON_MAX_PENDING: "1" });
  const asking = { url: baton.ingressUrl, token: baton.token };
  const before = await baton.send();
  const first = await handOff(asking);
  expect(first.returned.utterance).toMatch(BUSY);
  await baton.startWorker();
  await baton.ended(before);
  expect((await handOff({ ...asking, state: first.state })).returned.utterance).toMatch(CONNECTING);
});

it("offers another try while Baton's queue is away, whether at the call or at the handoff, and nothing is delivered meanwhile", async () => {
  const redis = await startRedisServer();
  const { handOff, simulator } = await setup({}, { BATON_REDIS_URL: redis.url });
  const { state } = await handOff();
  await redis.kill();
  expect((await handOff()).returned.utterance).toMatch(BUSY);
  const { baton_call } = state;
  expect((await handOff({ state: { baton_call } })).returned.utterance).toMatch(BUSY);
  expect(simulator.signals()).toHaveLength(1);
});

it.each([
  { was: "accepted", hasWorker: false, says: STILL, saysRefused: IN_DOUBT },
  { was: "delivered", hasWorker: true, says: CONNECTING, saysRefused: CONNECTING },
] as const)(
  "never says that a handoff which was $was did not take place, where the queue is away or the token is refused",
  async ({ hasWorker, says, saysRefused }) => {
    const redis = await startRedisServer();
    const baton = await startIntake({ pseudoNumbers: [NUMBER] }, { BATON_REDIS_URL: redis.url });
    if (hasWorker) await baton.startWorker();
    const asking = { url: baton.ingressUrl, token: baton.token };
    const first = await handOff(asking);
    expect(first.returned.utterance).toMatch(says);
    const refused = await handOff({ ...asking, state: first.state, token: "bt_wrong" });
    expect(refused.returned.utterance).toMatch(saysRefused);
    await redis.kill();
    const away = await handOff({ ...asking, state: refused.state });
    expect(away.returned.utterance).toMatch(says);
    // The same handoff, so that asking again never makes another.
    expect(away.state).toMatchObject({ baton_round: 1, baton_handoff: first.state.baton_handoff });
  },
);

it("gives up by itself when Baton never answers", async () => {
  const url = await listen(createTcpServer((socket) => void socket.on("error", () => {}).resume()));
  const unregistered = await handOff({ url, token: "bt_x" });
  expect(unregistered.returned.utterance).toMatch(BUSY);
  const registered = await handOff({
    url,
    token: "bt_x",
    state: { baton_call: JSON.stringify({ contactId: CONTACT }) },
  });
  expect(registered.returned.utterance).toMatch(IN_DOUBT);
});

it("gives up by itself when no process listens, and stays unsure until it gets an answer", async () => {
  const baton = await setup();
  const { state } = await baton.handOff();
  const url = await closedPort();
  expect((await handOff({ url, token: baton.token })).returned.utterance).toMatch(BUSY);
  const lost = await handOff({ url, token: baton.token, state: { baton_call: state.baton_call } });
  expect(lost.returned.utterance).toMatch(IN_DOUBT);
  const refused = await baton.handOff({ state: lost.state, token: "bt_wrong" });
  expect(refused.returned.utterance).toMatch(IN_DOUBT);
  expect((await baton.handOff({ state: refused.state })).returned.utterance).toMatch(CONNECTING);
});

it("sends the same handoff again when its answer was lost, and never another", async () => {
  const baton = await setup();
  const { url, lost } = await loseFirstAnswer(baton.ingressUrl);
  expect((await baton.handOff({ url })).returned.utterance).toMatch(CONNECTING);
  expect(lost()).toBe(1);
  expect(baton.simulator.signals()).toHaveLength(1);
  expect(await baton.accepted()).toHaveLength(1);
});

it.each([
  ["unknown", { guarantee: "at-most-once" }],
  ["exhausted", { maxAttempts: 1 }],
] as const)("makes no second handoff where the first ended %s and may have arrived", async (_, delivery) => {
  const { handOff, simulator } = await setup({ delivery });
  simulator.answer({ reset: "after", times: 1 });
  const { state } = await handOff();
  expect((await handOff({ state })).returned.utterance).toMatch(IN_DOUBT);
  expect(simulator.signals()).toHaveLength(1);
});

it("makes another handoff where the first surely did not arrive", async () => {
  const { handOff, simulator, accepted } = await setup();
  simulator.answer({ status: 404, times: 1 });
  const { returned, state } = await handOff();
  expect(returned.utterance).toMatch(REFUSED);
  expect((await handOff({ state })).returned.utterance).toMatch(CONNECTING);
  expect(await accepted()).toHaveLength(2);
});

it.each([
  ["a pseudo number of no client", { pseudoNumber: "+1999" }, BROKEN],
  ["a token that is none", { token: "bt_wrong" }, BROKEN],
  ["a call without a contact id", { sipHeaders: { From: "x" } }, REFUSED],
])("offers other help with %s", async (_, asking, says) => {
  const { handOff, simulator } = await setup();
  expect((await handOff(asking)).returned.utterance).toMatch(says);
  expect(simulator.signals()).toEqual([]);
});

async function closedPort(): Promise<string> {
  const server = createTcpServer();
  const url = await listen(server);
  server.close();
  await once(server, "close");
  return url;
}

/** loseFirstAnswer stands before ingress, and drops the connection instead of the first handoff's answer. */
async function loseFirstAnswer(ingressUrl: string) {
  let lost = 0;
  const forward = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { "content-length": _, host: __, connection: ___, ...headers } = request.headers;
    const answer = await fetch(`${ingressUrl}${request.url}`, {
      method: request.method ?? "POST",
      headers: headers as Record<string, string>,
      body: await text(request),
    });
    const body = await answer.text();
    if (request.url !== "/v1/handoffs" || lost > 0) {
      response.writeHead(answer.status).end(body);
      return;
    }
    lost += 1;
    response.destroy();
  };
  return { url: await listen(createServer((request, response) => void forward(request, response))), lost: () => lost };
}
