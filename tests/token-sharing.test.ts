import { createBatonClient } from "@baton/api";
import { expect, it } from "vitest";
import { startProcess } from "./world/process.ts";
import { createWorld, ended } from "./world/world.ts";

const WORKERS = 10;

async function setup() {
  const world = await createWorld();
  const { token, accessKeyId } = await world.createConnector();
  const { url } = await world.startIngress();
  await Promise.all(Array.from({ length: WORKERS }, () => startProcess("worker", world.env)));
  const baton = createBatonClient({ ingressUrl: url, token });
  let contact = 100_000;
  const deliver = async (count: number) => {
    const sent = await Promise.all(Array.from({ length: count }, () => baton.send({ contactId: String(contact++) })));
    return Promise.all(sent.map(({ id }) => ended(baton, id)));
  };
  return { ...world, baton, accessKeyId, deliver };
}

it("asks the token endpoint once for ten worker processes, and once more when the token is revoked", {
  timeout: 120_000,
}, async () => {
  const { simulator, deliver } = await setup();

  const first = await deliver(200);
  expect(new Set(first.map(({ status }) => status))).toEqual(new Set(["delivered"]));
  expect(simulator.tokenRequests()).toHaveLength(1);

  simulator.revokeTokens();
  const second = await deliver(200);
  expect(new Set(second.map(({ status }) => status))).toEqual(new Set(["delivered"]));
  expect(simulator.tokenRequests()).toHaveLength(2);
});

it("spends at most two token requests on fifty handoffs that all get 403", async () => {
  const world = await createWorld();
  const { token } = await world.createConnector();
  const { url } = await world.startIngress();
  await world.startWorker();
  const baton = createBatonClient({ ingressUrl: url, token });
  world.simulator.answer({ on: "signal", status: 403 });

  const sent = await Promise.all(Array.from({ length: 50 }, (_, i) => baton.send({ contactId: String(500 + i) })));
  const all = await Promise.all(sent.map(({ id }) => ended(baton, id)));

  expect(new Set(all.map(({ status, reason }) => `${status} ${reason}`))).toEqual(new Set(["dead credentials"]));
  expect(world.simulator.tokenRequests().length).toBeLessThanOrEqual(2);
});
