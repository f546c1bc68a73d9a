import { createBatonClient } from "@baton/api";
import { expect, it } from "vitest";
import { type ConnectorChange, createWorld, ended } from "./world/world.ts";

async function setup(change: ConnectorChange = {}) {
  const world = await createWorld();
  const { connector, token } = await world.createConnector(change);
  const { url } = await world.startIngress();
  await world.startWorker();
  return { ...world, connector, baton: createBatonClient({ ingressUrl: url, token }) };
}

it("delivers a handoff", async () => {
  const { baton, simulator } = await setup();
  const accepted = await baton.send({ contactId: "100000000001", params: { p1: "Escalate", p2: "billing question" } });
  expect(accepted).toMatchObject({ status: "queued", waitingFor: null });
  expect(await ended(baton, accepted.id)).toMatchObject({
    status: "delivered",
    attempts: [{ number: 1, outcome: "accepted", httpStatus: 202 }],
  });
  expect(simulator.signals()).toMatchObject([
    { contactId: "100000000001", params: { p1: "Escalate", p2: "billing question" }, effect: true },
  ]);
});

it("tries again after CXone answered 503, and delivers", async () => {
  const { baton, simulator } = await setup();
  simulator.answer({ status: 503, times: 1 });
  const { id } = await baton.send({ contactId: "100000000001", params: { p1: "Escalate" } });
  expect(await ended(baton, id)).toMatchObject({
    status: "delivered",
    attempts: [{ outcome: "unavailable" }, { outcome: "accepted" }],
  });
});
