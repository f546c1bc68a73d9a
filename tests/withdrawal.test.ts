import { randomBytes } from "node:crypto";
import { createIdInShard, ID_RANDOM_BYTES } from "@baton/domain";
import { type AcceptRequest, createHandoffStore } from "@baton/handoffs";
import { expect, it } from "vitest";
import { createWorld } from "./world/world.ts";

async function setup() {
  const { shards, createConnector } = await createWorld();
  const { connector } = await createConnector();
  const newId = () => createIdInShard("ho", 0, Date.now(), randomBytes(ID_RANDOM_BYTES));
  const acceptanceOf = (id: string): AcceptRequest => ({
    id,
    connectorId: connector.id,
    contactId: "100000000001",
    origin: { accountId: connector.accountId, projectId: connector.projectId, environment: connector.environment },
    sealedParams: "sealed",
    delayMs: 0,
    deadlineMs: 60_000,
    commandDeadline: Number.MAX_SAFE_INTEGER,
    rate: null,
    maxPending: 10,
    idempotency,
  });
  return { handoffs: createHandoffStore(shards), connectorId: connector.id, newId, acceptanceOf };
}

const idempotency = { key: "key", fingerprints: ["body"], keepMs: 60_000 };

it("takes back a handoff that was answered 503, and frees its idempotency key", async () => {
  const { handoffs, newId, acceptanceOf } = await setup();
  const id = newId();
  await handoffs.accept(acceptanceOf(id));
  expect(await handoffs.withdraw(id)).toBe(true);
  expect(await handoffs.read(id)).toBeUndefined();
  expect(await handoffs.accept(acceptanceOf(newId()))).toMatchObject({ kind: "accepted" });
});

it("keeps a handoff whose sender came again with its idempotency key and was answered 202", async () => {
  const { handoffs, newId, acceptanceOf } = await setup();
  const id = newId();
  await handoffs.accept(acceptanceOf(id));
  expect(await handoffs.accept(acceptanceOf(newId()))).toMatchObject({ kind: "repeated", stored: { handoff: { id } } });
  await handoffs.withdraw(id);
  expect(await handoffs.read(id)).toMatchObject({ handoff: { status: "queued" } });
});

it("keeps it also when the repeat's body was refused before it was looked up", async () => {
  const { handoffs, connectorId, newId, acceptanceOf } = await setup();
  const id = newId();
  await handoffs.accept(acceptanceOf(id));
  expect(await handoffs.findByKey(connectorId, idempotency, "another")).toMatchObject({ kind: "repeated" });
  await handoffs.withdraw(id);
  expect(await handoffs.read(id)).toMatchObject({ handoff: { status: "queued" } });
});
