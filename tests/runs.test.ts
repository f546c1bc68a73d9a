/** Runs as an operator has them: many dead letters replayed or discarded by one decision, by real workers. */
import { createBatonClient, type RunJson } from "@baton/api";
import { expect, it } from "vitest";
import { type startBaton, startIntake } from "./world/baton.ts";
import { startProcess } from "./world/process.ts";

type Intake = Awaited<ReturnType<typeof startIntake>>;

/** startWithDead starts a Baton in which `count` handoffs have died, with an operator's client. */
async function startWithDead(count: number, change: Parameters<typeof startBaton>[0] = {}) {
  const baton = await startIntake(change);
  const worker = await baton.startWorker();
  const { url, key } = await baton.startAdmin();
  const operator = createBatonClient({ adminUrl: url, adminKey: key });
  const fault = baton.simulator.answer({ on: "signal", status: 404 });
  const dead = await baton.sendMany(count);
  await Promise.all(dead.map(baton.ended));
  baton.simulator.withdraw(fault);
  return { ...baton, worker, operator, dead };
}

/** runOf waits until a run is as it is expected. */
function runOf(operator: ReturnType<typeof createBatonClient>, { kind, id }: RunJson) {
  const read = () => operator.run(kind, id);
  return {
    read,
    becomes: (state: Partial<RunJson>) =>
      expect.poll(read, { timeout: 30_000, interval: 50 }).toMatchObject(state) as Promise<void>,
  };
}

/** repeats counts the signals of each contact after the first, which was refused. */
function repeats({ simulator }: Intake): readonly number[] {
  return [...Map.groupBy(simulator.signals(), ({ contactId }) => contactId).values()].map((of) => of.length - 1);
}

it("replays what its plan saw, each once, and is completed when all have ended", async () => {
  const baton = await startWithDead(20);
  const { operator } = baton;
  const { planId, taken } = await operator.planRun("replay", { all: true });
  expect(taken).toBe(20);
  const run = await operator.startRun("replay", { planId, note: "repaired", ratePerSecond: 200 });
  await runOf(operator, run).becomes({ status: "completed", replayed: 20, delivered: 20, outstanding: 0, skipped: 0 });
  expect(repeats(baton)).toEqual(Array.from({ length: 20 }, () => 1));
  expect((await operator.runItems("replay", run.id, { result: "delivered" })).items).toHaveLength(20);
  expect((await operator.deadLetters()).total).toBe(0);
});

it("sends no faster than its rate, and faster or slower once that is changed", async () => {
  const { operator, simulator } = await startWithDead(12);
  // Without an answer they stay as they were put back, each with its moment: what a busy machine does later is no rate.
  simulator.answer({ on: "signal", hang: true });
  const run = await operator.startRun("replay", { all: true, note: "slow", ratePerSecond: 2 });
  const readPutBack = async () => (await operator.runItems("replay", run.id, { result: "replayed" })).items;
  await expect.poll(async () => (await readPutBack()).length, { timeout: 30_000 }).toBeGreaterThanOrEqual(3);
  const moments = (await readPutBack()).map(({ at }) => Date.parse(at)).toSorted((a, b) => a - b);
  expect((moments[2] ?? 0) - (moments[0] ?? 0)).toBeGreaterThanOrEqual(900);
  simulator.repair();
  await operator.changeRun("replay", run.id, { ratePerSecond: 500 });
  await runOf(operator, run).becomes({ status: "completed", delivered: 12 });
});

it("tries the first few, waits for the operator's word, and takes no more once it is paused or cancelled", async () => {
  const { operator } = await startWithDead(10);
  const run = await operator.startRun("replay", { all: true, note: "try", ratePerSecond: 100, first: 3 });
  const { becomes, read } = runOf(operator, run);
  await becomes({ status: "paused", pausedBecause: "first", replayed: 3, delivered: 3 });
  await operator.changeRun("replay", run.id, { ratePerSecond: 2 });
  await operator.resumeRun("replay", run.id);
  await becomes({ status: "running", replayed: 4 });
  const paused = await operator.pauseRun("replay", run.id, { note: "wait" });
  expect(paused).toMatchObject({ status: "paused", pausedBecause: "operator" });
  await operator.cancelRun("replay", run.id);
  const { replayed } = await read();
  expect(replayed).toBe(paused.replayed);
  await becomes({ status: "cancelled", outstanding: 0, delivered: replayed });
  expect((await operator.deadLetters()).total).toBe(10 - replayed);
});

it("pauses by itself when half of the last fifty died again, and says so", async () => {
  const { operator, simulator } = await startWithDead(70);
  simulator.answer({ on: "signal", status: 404 });
  const run = await operator.startRun("replay", { all: true, note: "too early", ratePerSecond: 20 });
  const { becomes, read } = runOf(operator, run);
  await becomes({ status: "paused", pausedBecause: "dying" });
  expect((await read()).diedAgain).toBeGreaterThanOrEqual(25);
  // They are dead letters again, for a run of their own.
  await becomes({ outstanding: 0 });
  expect((await operator.deadLetters()).total).toBe(70);
  simulator.repair();
  await operator.resumeRun("replay", run.id);
  await becomes({ status: "completed", outstanding: 0 });
});

it("leaves those whose contact has ended, as far as CXone says", async () => {
  const { operator, simulator, dead } = await startWithDead(4);
  simulator.contact(dead[0]?.contactId ?? "", "ended");
  simulator.contact(dead[1]?.contactId ?? "", "unknown");
  const run = await operator.startRun("replay", { all: true, note: "who is still there", skipEndedContacts: true });
  await runOf(operator, run).becomes({ status: "completed", delivered: 2, skippedBecause: { "contact-ended": 2 } });
});

it("waits while the connector is paused, and goes on when it is resumed", async () => {
  const { operator, connector, client, sendMany } = await startWithDead(3);
  await operator.pauseConnector(connector.id);
  // A change holds within two seconds: the worker knows of this one once a handoff waits for it.
  const waitingFor = async () => {
    const [sent] = await sendMany(1);
    return (await client.get(sent?.id ?? "")).waitingFor;
  };
  await expect.poll(waitingFor, { timeout: 10_000, interval: 250 }).toBe("pause");
  const run = await operator.startRun("replay", { all: true, note: "later", ratePerSecond: 100 });
  const other = await operator.startRun("discard", { filter: { contactId: "1" }, note: "nothing" });
  await runOf(operator, other).becomes({ status: "completed" });
  expect(await operator.run("replay", run.id)).toMatchObject({ replayed: 0, status: "running" });
  await operator.resumeConnector(connector.id);
  await runOf(operator, run).becomes({ status: "completed", delivered: 3 });
});

it("goes over all shards and connectors, and discards the same way", async () => {
  const baton = await startIntake({}, { BATON_SHARDS: "2" });
  const others = [await baton.createConnector({ shard: 1 }), await baton.createConnector({ shard: 1 })];
  await baton.startWorker();
  const { url, key } = await baton.startAdmin();
  const operator = createBatonClient({ adminUrl: url, adminKey: key });
  baton.simulator.answer({ on: "signal", status: 404 });
  for (const client of [baton.client, ...others.map(baton.clientOf)])
    for (let i = 0; i < 3; i++)
      await client.send({ contactId: String(300_000_000_000 + Math.floor(Math.random() * 1e9)) });
  await expect.poll(async () => (await operator.deadLetters()).total, { timeout: 20_000 }).toBe(9);

  const run = await operator.startRun("discard", { filter: { reason: ["rejected"] }, note: "old", ratePerSecond: 100 });
  await runOf(operator, run).becomes({ status: "completed", discarded: 9, skipped: 0 });
  expect((await operator.runItems("discard", run.id, { result: "discarded" })).items).toHaveLength(9);
  expect((await operator.deadLetters()).total).toBe(0);
});

it("goes on where it was when its worker is killed, and repeats nothing", { timeout: 90_000 }, async () => {
  const baton = await startWithDead(60);
  const { operator, env, worker } = baton;
  await worker.life.close();
  const doomed = await startProcess("worker", env);
  const before = baton.simulator.signals().length;
  const run = await operator.startRun("replay", { all: true, note: "through a crash", ratePerSecond: 20 });
  await baton.simulator.untilSignals(before + 5);
  await doomed.stop("SIGKILL");
  await baton.startWorker();
  await runOf(operator, run).becomes({ status: "completed", replayed: 60, outstanding: 0 });
  const { delivered, diedAgain } = await operator.run("replay", run.id);
  expect(delivered + diedAgain).toBe(60);
  const handoffs = await Promise.all(baton.dead.map(({ id }) => operator.handoff(id)));
  // Only what was in the dead worker's hands may have been sent once more, and says so.
  for (const { contactId, possibleDuplicate } of handoffs) {
    const count = baton.simulator.signals({ contactId }).length - 1;
    expect(count).toBeGreaterThanOrEqual(1);
    if (count > 1) expect(possibleDuplicate).toBe(true);
  }
});
