/** Redis at its limit: only new handoffs are refused, what was accepted goes on. */
import type { HandoffJson } from "@baton/api";
import { expect, it } from "vitest";
import { startGate } from "../world/gate.ts";
import { startRedisServer } from "../world/redis-server.ts";

async function setup() {
  const server = await startRedisServer();
  const gate = await startGate({ delivery: { rate: { perSecond: 20, burst: 5 } } }, { BATON_REDIS_URL: server.url });
  await gate.startWorker();
  // Every script is loaded, every token fetched.
  await gate.delivered(await gate.sendInTurn(3));
  return { gate, server };
}

it("sends, retries, cancels and expires for ten seconds of a full Redis, and refuses what is new", {
  timeout: 120_000,
}, async () => {
  const { gate, server } = await setup();
  const { send, client, simulator } = gate;
  const sent: HandoffJson[] = [...(await gate.sendInTurn(10, { delayMs: 2_000, deadlineMs: 9_000 }))];
  for (let count = 0; count < 3; count++)
    sent.push(await send({ contactId: "840000000001", delayMs: 2_000, deadlineMs: 9_000 }));
  simulator.answer({ on: "signal", contactId: "840000000002", status: 503, times: 2 });
  sent.push(await send({ contactId: "840000000002", delayMs: 2_000, deadlineMs: 9_000 }));
  simulator.answer({ on: "signal", contactId: "840000000003", status: 404 });
  const rejected = await send({ contactId: "840000000003", delayMs: 2_000 });
  simulator.answer({ on: "signal", contactId: "840000000004", status: 503 });
  const expiring = await send({ contactId: "840000000004", delayMs: 1_000, deadlineMs: 4_000 });
  const cancelled = await send({ contactId: "840000000005", delayMs: 30_000 });

  // Every deadline below comes before there is room again, so whatever ends in time does so on a full Redis.
  await server.redis.config("SET", "maxmemory", "1mb");
  await expect(send({ contactId: "840000000006" })).rejects.toMatchObject({ status: 503, code: "queue-unavailable" });
  expect(await client.cancel(cancelled.id)).toMatchObject({ status: "cancelled" });
  await gate.delivered(sent);
  expect(await gate.ended(rejected)).toMatchObject({ status: "dead", reason: "rejected" });
  expect(await gate.ended(expiring)).toMatchObject({ status: "dead", reason: "expired" });
  await expect(send({ contactId: "840000000006" })).rejects.toMatchObject({ status: 503 });

  await server.redis.config("SET", "maxmemory", "0");
  await expect
    .poll(() => send({ contactId: "840000000007" }).catch(() => undefined), { timeout: 20_000 })
    .toBeDefined();
  expect(simulator.signals({ contactId: "840000000006" })).toEqual([]);
  await expect
    .poll(() => simulator.signals({ contactId: "840000000007" }).length, { timeout: 20_000 })
    .toBeGreaterThan(0);
});
