import { createBatonClient } from "@baton/api";
import { createToken } from "@baton/vault";
import { expect, it } from "vitest";
import { startIntake } from "./world/baton.ts";
import { createRawClient, type RawAnswer } from "./world/raw-client.ts";

const PROXIED = { BATON_TRUSTED_PROXIES: "127.0.0.1" };
/** HERE and THERE are two clients behind one proxy. */
const HERE = "203.0.113.7";
const THERE = "198.51.100.9";
/** TRIES are more than are allowed. */
const TRIES = 40;

async function setup(environment: Readonly<Record<string, string>> = PROXIED) {
  const baton = await startIntake({}, environment);
  const { url, key } = await baton.startAdmin();
  const ask = createRawClient(url, key);
  /** Asks admin with a key, from an address. */
  const from = (address: string, adminKey: string = key) =>
    ask({
      method: "GET",
      path: "/admin/v1/overview",
      headers: { "x-forwarded-for": address, authorization: `Bearer ${adminKey}` },
    });
  return { ...baton, key, from, first: createBatonClient({ adminUrl: url, adminKey: key }) };
}

/** How often each status was answered. */
async function statusesOf(answers: readonly Promise<RawAnswer>[]): Promise<Record<number, number>> {
  const counts: Record<number, number> = {};
  for (const { status } of await Promise.all(answers)) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

/** Tries one after the other, each with another wrong key. */
async function guess(ask: (guessed: string) => Promise<RawAnswer>): Promise<RawAnswer[]> {
  const answers: RawAnswer[] = [];
  for (let i = 0; i < TRIES; i++) answers.push(await ask(`ba_guess-number-${i}-of-very-many-guesses`));
  return answers;
}

it("stops guesses of admin keys, and says when to come again", async () => {
  const { from } = await setup();
  const answers = await guess((guessed) => from(HERE, guessed));
  expect(answers.slice(0, 20).map(({ status }) => status)).toEqual(Array(20).fill(401));
  const last = answers.at(-1);
  expect([last?.status, last?.json.type]).toEqual([429, "urn:baton:problem:too-many-requests"]);
  expect(Number(last?.headers.get("retry-after"))).toBeGreaterThan(0);
  expect((await from(HERE)).status).toBe(429);
});

it("locks out no right key from another address, and none that was right from here before", async () => {
  const { from, first } = await setup();
  const { token } = await first.createAdminKey({ name: "Ana", role: "viewer" });
  expect((await from(HERE, token)).status).toBe(200);
  await guess((guessed) => from(HERE, guessed));
  expect((await from(HERE, token)).status).toBe(200);
  expect((await from(THERE)).status).toBe(200);
  expect((await from(THERE, "ba_wrong-but-only-once-and-never-again")).status).toBe(401);
});

it("counts a whole IPv6 network as one, and believes no forwarded address but a trusted proxy's", async () => {
  const behind = await setup();
  let host = 0;
  await guess((guessed) => behind.from(`2001:db8:1:2::${++host}`, guessed));
  expect((await behind.from("2001:db8:1:2::beef")).status).toBe(429);
  expect((await behind.from("2001:db8:1:3::beef")).status).toBe(200);
  const open = await setup({});
  const answers = await guess((guessed) => open.from(`203.0.113.${++host % 200}`, guessed));
  expect(answers.at(-1)?.status).toBe(429);
});

it("slows a project down that goes on with a wrong token, and no other of the same address", async () => {
  const { raw, token, createConnector } = await setup({});
  const send = (bearer: string) => raw({ body: { contactId: "1" }, headers: { authorization: `Bearer ${bearer}` } });
  const stale = createToken("bt").token;
  expect(await statusesOf(Array.from({ length: TRIES }, () => send(stale)))).toEqual({ 401: 20, 429: 20 });
  const slowed = await send(stale);
  expect([slowed.json.type, Number(slowed.headers.get("retry-after")) > 0]).toEqual([
    "urn:baton:problem:too-many-requests",
    true,
  ]);
  expect((await send(createToken("bt").token)).status).toBe(401);
  const fresh = await createConnector();
  for (const right of [token, fresh.token]) expect((await send(right)).status).toBe(202);
  const wrongSecret = `${token.slice(0, -4)}${token.endsWith("0000") ? "1111" : "0000"}`;
  expect(await statusesOf(Array.from({ length: TRIES }, () => send(wrongSecret)))).toEqual({ 401: 20, 429: 20 });
  expect((await send(token)).status).toBe(202);
});

it("says of wrong screen-pop keys what the Handoff API knows to say, however many there are", async () => {
  const { raw, connector } = await setup({});
  const path = `/v1/${connector.accountId}/${connector.projectId}/handoff_state?id=none`;
  const pop = () => raw({ method: "GET", path, headers: { authorization: "", "x-api-key": createToken("bk").token } });
  expect(await statusesOf(Array.from({ length: TRIES }, pop))).toEqual({ 401: TRIES });
});
