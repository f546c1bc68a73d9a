/** A worker's own trouble closes no other connector's gate: the trouble of one connector ends at it. */
import { createBatonClient } from "@baton/api";
import { generateKeyringEntry } from "@baton/vault";
import { describe, expect, it } from "vitest";
import { nextContacts, startGate } from "../world/gate.ts";

const RATE = { perSecond: 50, burst: 5 };
const bodiesOf = (count: number) => nextContacts(count).map((contactId) => ({ contactId }));

interface Neighbour {
  readonly id: string;
  readonly token: string;
}

/**
 * setup creates one connector whose credentials are sealed under the first key, and gives environments with and without
 * that key.
 */
async function setup() {
  const [lost, kept] = [generateKeyringEntry(), generateKeyringEntry()];
  const gate = await startGate({ delivery: { rate: RATE } }, { BATON_KEYRING: lost });
  const without = { BATON_KEYRING: kept };
  const ingress = await gate.startIngress(without);
  const { url, key } = await gate.startAdmin(without);
  const call = async (path: string, body: object): Promise<Neighbour> => {
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    const answer = await fetch(`${url}/admin/v1/${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as Neighbour;
  };
  /** Another connector of the same shard, whose credentials and parameters all can read. */
  const createNeighbour = async (name: string) => {
    const accessKeyId = `AK-${name}`;
    const credentials = {
      clientId: "app@nice",
      clientSecret: "client-secret",
      accessKeyId,
      accessKeySecret: "key-secret====",
    };
    const project = { accountId: "acme", projectId: name, environment: "live" };
    const delivery = { rate: { perSecond: 10, burst: 1 } };
    const { id } = await call("connectors", {
      name,
      ...project,
      cxone: { issuer: gate.simulator.url },
      credentials,
      delivery,
    });
    const { token } = await call(`connectors/${id}/tokens`, {});
    return { accessKeyId, client: createBatonClient({ ingressUrl: ingress.url, token }) };
  };
  return { gate, without, both: { BATON_KEYRING: `${kept},${lost}` }, createNeighbour };
}

describe("a connector whose key every worker lacks", () => {
  it("waits for it, and every other one of its shard goes on: those that wait for their rate, too", async () => {
    const { gate, without, both, createNeighbour } = await setup();
    const neighbours = [await createNeighbour("one"), await createNeighbour("two")];
    await gate.startWorker(without);
    const stuck = await gate.sendInTurn(30);
    await gate.waitingFor(stuck[0] ?? { id: "" }, "keys");
    for (const { client } of neighbours) await client.sendBatch(bodiesOf(20));
    for (const { accessKeyId } of neighbours) await gate.simulator.untilSignals(20, { accessKeyId });
    expect(gate.arrivals()).toEqual([]);
    // They are where they were, and go once a worker can read their connector's credentials.
    await gate.startWorker(both);
    await gate.delivered(stuck);
  });

  it("does not lose its place: the one that waited first goes first", async () => {
    const { gate, without, both } = await setup();
    await gate.startWorker(without);
    const first = await gate.send({ contactId: "830000000100" });
    await gate.waitingFor(first, "keys");
    const sent = [first, ...(await gate.sendInTurn(40))];
    await gate.startWorker(both);
    await gate.delivered(sent);
    expect(gate.arrivals()[0]?.contactId).toBe(first.contactId);
  });
});

it("a worker that lacks a key leaves its connector's handoffs to one that has it", async () => {
  const { gate, without, both, createNeighbour } = await setup();
  const { client, accessKeyId } = await createNeighbour("three");
  await gate.startWorker(without);
  await gate.startWorker(both);
  await client.sendBatch(bodiesOf(20));
  const handoffs = await gate.delivered(await gate.sendInTurn(60));
  await gate.simulator.untilSignals(20, { accessKeyId });
  gate.expectRate(RATE, { arrivals: gate.arrivals(), handoffs });
});

it("a handoff whose parameters were sealed under a lost key keeps none of its connector's others waiting", async () => {
  const [lost, kept] = [generateKeyringEntry(), generateKeyringEntry()];
  const gate = await startGate({}, { BATON_KEYRING: kept });
  const { url } = await gate.startIngress({ BATON_KEYRING: `${lost},${kept}` });
  await gate.startWorker();
  const stuck = await createBatonClient({ ingressUrl: url, token: gate.token }).send({ contactId: "830000000300" });
  await gate.waitingFor(stuck, "keys");
  await gate.delivered(await gate.sendInTurn(20));
  expect(gate.simulator.signals({ contactId: stuck.contactId })).toEqual([]);
  await gate.startWorker({ BATON_KEYRING: `${kept},${lost}` });
  await gate.delivered([stuck]);
});
