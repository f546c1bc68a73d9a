/** A run goes on over a deploy of admin and workers, and over a failover of Redis: each of its items once. */
import { type BatonClient, createBatonClient } from "@baton/api";
import { expect, it } from "vitest";
import { startIntake } from "./world/baton.ts";
import { startBatonOn } from "./world/baton-on-redis.ts";
import { startProcess } from "./world/process.ts";
import { eventually } from "./world/redis-server.ts";
import { startSentinel } from "./world/sentinel.ts";
import { trySend } from "./world/traffic.ts";
import type { World } from "./world/world.ts";

const ITEMS = 40;
/** So slow that most of it is to come when processes stop; then the rest at once. Items a second. */
const [SLOW, QUICK] = [5, 500] as const;
/** Signals of the run before anything is stopped. */
const SOME = 5;
/** No attempt runs out of its time on a busy machine: each is sent once. */
const DELIVERY = { attemptTimeoutMs: 30_000, deadlineMs: 600_000 } as const;
const LONG_MS = 240_000;

interface Client {
  readonly operator: BatonClient;
  readonly id: string;
}

/** completes has the rest of a run sent quickly, and waits for its end: an answer may fail to come meanwhile. */
async function completes({ operator, id }: Client): Promise<void> {
  const isQuick = () =>
    operator.changeRun("replay", id, { ratePerSecond: QUICK }).then(
      () => true,
      () => false,
    );
  await eventually(isQuick, true, LONG_MS);
  const status = async () => (await operator.run("replay", id).catch(() => undefined))?.status;
  await eventually(status, "completed", LONG_MS);
}

/** signalsOfRun counts each contact's signals behind the first, which was refused. */
function signalsOfRun({ simulator }: Pick<World, "simulator">): ReadonlyMap<string, number> {
  const contacts = Map.groupBy(simulator.signals(), ({ contactId }) => contactId);
  return new Map([...contacts].map(([contact, { length }]) => [contact, length - 1]));
}

it("replays each item once while admin and worker are stopped and started again, as a deploy does", {
  timeout: LONG_MS,
}, async () => {
  const baton = await startIntake({ delivery: DELIVERY }, { BATON_SHUTDOWN_MS: "60000" });
  const { env, simulator } = baton;
  let [admin, worker] = await Promise.all([startProcess("admin", env), startProcess("worker", env)]);
  const operatorOf = ({ url }: { readonly url: string }) =>
    createBatonClient({ adminUrl: url, adminKey: env.BATON_ADMIN_KEY });
  const fault = simulator.answer({ on: "signal", status: 404 });
  const dead = await baton.sendMany(ITEMS);
  await Promise.all(dead.map(baton.ended));
  simulator.withdraw(fault);
  const { planId } = await operatorOf(admin).planRun("replay", { all: true });
  const { id } = await operatorOf(admin).startRun("replay", { planId, note: "a deploy", ratePerSecond: SLOW });
  await simulator.untilSignals(ITEMS + SOME);

  expect([await worker.stop(), await admin.stop()]).toEqual([0, 0]);
  const signalled = simulator.signals().length;
  expect(signalled).toBeLessThan(2 * ITEMS);
  [admin, worker] = await Promise.all([startProcess("admin", env), startProcess("worker", env)]);
  const operator = operatorOf(admin);
  expect(await operator.run("replay", id)).toMatchObject({ status: "running", ratePerSecond: SLOW, note: "a deploy" });
  await completes({ operator, id });

  expect(await operator.run("replay", id)).toMatchObject({
    matched: ITEMS,
    replayed: ITEMS,
    delivered: ITEMS,
    ...{ diedAgain: 0, skipped: 0, outstanding: 0 },
  });
  expect([...signalsOfRun(baton).values()]).toEqual(Array.from({ length: ITEMS }, () => 1));
});

it("replays each item once while the master of Redis changes, and says of each that may have been sent twice", {
  timeout: LONG_MS,
}, async () => {
  const sentinel = await startSentinel();
  const baton = await startBatonOn(sentinel.url, {
    environment: { BATON_DURABILITY: "replicated" },
    connector: { delivery: DELIVERY },
  });
  const { env, simulator, client } = baton;
  const admin = await startProcess("admin", env);
  const operator = createBatonClient({ adminUrl: admin.url, adminKey: env.BATON_ADMIN_KEY });
  const fault = simulator.answer({ on: "signal", status: 404 });
  const answers = await Promise.all(Array.from({ length: ITEMS }, () => trySend(client)));
  expect(new Set(answers.map(({ kind }) => kind))).toEqual(new Set(["accepted"]));
  await eventually(async () => (await operator.deadLetters()).total, ITEMS);
  simulator.withdraw(fault);
  const before = simulator.signals().length;
  const { id } = await operator.startRun("replay", { all: true, note: "a failover", ratePerSecond: SLOW });
  await simulator.untilSignals(before + SOME);

  await sentinel.failOver();
  await completes({ operator, id });

  const { replayed, delivered, diedAgain, skipped, outstanding } = await operator.run("replay", id);
  expect({ replayed, skipped, outstanding, ended: delivered + diedAgain }).toEqual({
    ...{ replayed: ITEMS, skipped: 0, outstanding: 0 },
    ended: ITEMS,
  });
  const repeats = signalsOfRun(baton);
  for (const { contactId, id: handoffId = "" } of answers) {
    const count = repeats.get(contactId) ?? 0;
    expect(count).toBeGreaterThanOrEqual(1);
    if (count > 1) expect((await operator.handoff(handoffId)).possibleDuplicate).toBe(true);
  }
});
