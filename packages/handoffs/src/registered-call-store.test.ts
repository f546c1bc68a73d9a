import { randomBytes } from "node:crypto";
import { createIdInShard, ID_RANDOM_BYTES } from "@baton/domain";
import { expect, it } from "vitest";
import { createConnector, setup as createSpace } from "../testing/space.ts";
import { createRegisteredCallStore } from "./registered-call-store.ts";

async function setup() {
  const space = await createSpace();
  const connector = createConnector();
  const { id: connectorId, accountId, projectId, environment } = connector;
  const id = createIdInShard("ca", 0, Date.now(), randomBytes(ID_RANDOM_BYTES));
  const call = { id, connectorId, accountId, projectId, environment, contactId: "1", sharedId: "s" };
  const calls = createRegisteredCallStore(space.shards);
  await calls.register(call);
  return { ...space, connector, call, calls };
}

it("keeps a call for a day", async () => {
  const { calls, call, elapse } = await setup();
  expect(await calls.call(call.id)).toEqual({ call });
  await elapse(86_390_000);
  expect(await calls.call(call.id)).toEqual({ call });
  await elapse(20_000);
  expect(await calls.call(call.id)).toBeUndefined();
});

it("knows which handoff named a call last, for as long as it is kept, and opens no call that is gone", async () => {
  const { calls, call, connector, queued, redis, tag, elapse } = await setup();
  const { accountId, projectId, environment } = call;
  const origin = { accountId, projectId, environment, callId: call.id };
  await queued(connector, { origin });
  const { handoff } = await queued(connector, { origin });
  expect(handoff.callId).toBe(call.id);
  expect(await calls.call(call.id)).toEqual({ call, handoffId: handoff.id });
  await elapse(86_000_000);
  expect(await calls.call(call.id)).toEqual({ call, handoffId: handoff.id });
  await redis.del(`${tag}:call:${call.id}`);
  await queued(connector, { origin });
  expect(await redis.exists(`${tag}:call:${call.id}`)).toBe(0);
});

it.each(["", "ca_1", "ho_0001JD9X5T2M7Q4RZK8WVNB3CY", "ca_ZZ01JD9X5T2M7Q4RZK8WVNB3CY"])(
  "finds no call %j",
  async (id) => {
    const { calls } = await setup();
    expect(await calls.call(id)).toBeUndefined();
  },
);

it("gives a handoff's context as it rests, if it came with one", async () => {
  const { calls, connector, queued } = await setup();
  const [one, other] = [await queued(connector, { sealedContext: "sealed context" }), await queued(connector)];
  expect([await calls.context(one.handoff.id), await calls.context(other.handoff.id)]).toEqual([
    "sealed context",
    undefined,
  ]);
});
