/** The rate is a ceiling on what leaves, in every window of any length, whatever happened before. */
import { setTimeout as sleep } from "node:timers/promises";
import type { HandoffJson } from "@baton/api";
import { describe, expect, it } from "vitest";
import { HEARD_MS, startGate } from "../world/gate.ts";

const setup = (perSecond: number, burst: number) =>
  startGate({ delivery: { rate: { perSecond, burst }, deadlineMs: 120_000 } });

describe("the rate is a ceiling on what leaves", () => {
  it("after all workers were away for longer than the queue would have taken", async () => {
    const rate = { perSecond: 10, burst: 3 };
    const { sendInTurn, startWorker, delivered, arrivals, expectRate } = await setup(rate.perSecond, rate.burst);
    const sent = await sendInTurn(40);
    // The trouble itself: by then every slot that might have been promised is over.
    await sleep(5_000);
    await startWorker();
    const handoffs = await delivered(sent);
    expectRate(rate, { arrivals: arrivals(), handoffs });
  });

  it("over three workers, however many come at once", async () => {
    const rate = { perSecond: 30, burst: 10 };
    const { sendMany, startWorker, delivered, arrivals, expectRate, simulator } = await setup(
      rate.perSecond,
      rate.burst,
    );
    for (let worker = 0; worker < 3; worker++) await startWorker();
    const waves: HandoffJson[] = [];
    for (const count of [25, 1, 40, 5, 30]) {
      waves.push(...(await sendMany(count)));
      await simulator.untilSignals(Math.ceil(waves.length / 2));
    }
    const handoffs = await delivered(waves);
    expectRate(rate, { arrivals: arrivals(), handoffs });
  });

  it("where one contact's first signal hangs and seven wait behind it", async () => {
    const rate = { perSecond: 2, burst: 1 };
    const { send, startWorker, delivered, arrivals, expectRate, simulator } = await setup(rate.perSecond, rate.burst);
    simulator.answer({ on: "signal", hang: true, times: 1 });
    await startWorker();
    const sent: HandoffJson[] = [];
    for (let count = 0; count < 8; count++) sent.push(await send());
    const handoffs = await delivered(sent);
    expectRate(rate, { arrivals: arrivals(), handoffs });
  });

  it("where attempts fail and are made again", async () => {
    const rate = { perSecond: 20, burst: 2 };
    const { sendInTurn, startWorker, delivered, arrivals, expectRate, simulator, operator, connector } = await setup(
      20,
      2,
    );
    await operator.setDelivery(connector.id, { backoff: { baseMs: 100, capMs: 400 } });
    simulator.answer({ on: "signal", status: 429, times: 25 });
    await startWorker();
    const handoffs = await delivered(await sendInTurn(40));
    expect(arrivals()).toHaveLength(65);
    expectRate(rate, { arrivals: arrivals(), handoffs });
  });
});

describe("a changed rate holds at once for all that wait", () => {
  it("raised, it lets those go that waited for the lower one, before new ones", async () => {
    const { sendInTurn, startWorker, operator, connector, client, delivered, ended, simulator, read } = await setup(
      1,
      1,
    );
    await startWorker();
    const sent = await sendInTurn(60);
    await simulator.untilSignals(2);
    await operator.setDelivery(connector.id, { rate: { perSecond: 100, burst: 1 } });
    // At the old rate a new one would be refused: a minute's worth waits before it.
    const body = { contactId: "500000000001", deadlineMs: 20_000 };
    let newcomer: HandoffJson | undefined;
    await expect
      .poll(
        async () => {
          newcomer ??= await client.send(body).catch(() => undefined);
          return newcomer?.status;
        },
        { timeout: 10_000 },
      )
      .toBe("queued");
    expect(await ended({ id: newcomer?.id ?? "" })).toMatchObject({ status: "delivered" });
    // It was tried behind them all, so all of them went in the time that it had.
    const [last] = (await read([{ id: newcomer?.id ?? "" }])).flatMap(({ attempts }) => attempts);
    for (const { attempts } of await delivered(sent))
      expect(attempts[0]?.startedAt.localeCompare(last?.startedAt ?? "")).not.toBe(1);
  });

  it("lowered, it holds back those that waited for the higher one", async () => {
    const { sendInTurn, startWorker, operator, connector, simulator, arrivals, read, expectRate } = await setup(20, 1);
    await startWorker();
    const sent = await sendInTurn(100);
    await simulator.untilSignals(5);
    const lowered = { perSecond: 2, burst: 1 };
    await operator.setDelivery(connector.id, { rate: lowered });
    const holdsFrom = Date.now() + HEARD_MS;
    await sleep(HEARD_MS);
    const before = arrivals().length;
    await simulator.untilSignals(before + 6);
    const since = (at: number) => at >= holdsFrom;
    const handoffs = (await read(sent)).map((handoff) => ({
      ...handoff,
      attempts: handoff.attempts.filter(({ startedAt }) => since(Date.parse(startedAt))),
    }));
    expectRate(lowered, { arrivals: arrivals().filter(({ at }) => since(at)), handoffs });
  });
});

it("a handoff that is cancelled costs no slot of the rate", async () => {
  const { sendInTurn, startWorker, client, ended, read, simulator, send } = await setup(1, 1);
  await startWorker();
  const sent = await sendInTurn(40);
  await simulator.untilSignals(1);
  // Some of them may have gone meanwhile.
  for (const { id } of sent.slice(3)) await client.cancel(id).catch(() => undefined);
  // With the cancelled ones' slots it would have to wait for more than half a minute.
  const last = await send({ contactId: "500000000002", deadlineMs: 15_000 });
  expect(await ended(last)).toMatchObject({ status: "delivered" });
  expect((await read(sent)).filter(({ status }) => status === "cancelled").length).toBeGreaterThan(30);
});

it("without a rate, those that waited for their gate leave 5 ms apart", async () => {
  const { sendInTurn, startWorker, pause, operator, connector, delivered, arrivals, expectRate, waitingFor } =
    await startGate();
  await startWorker();
  await pause();
  const sent = await sendInTurn(200);
  await waitingFor(sent[199] ?? { id: "" }, "pause");
  await operator.resume(connector.id);
  const handoffs = await delivered(sent);
  expectRate({ perSecond: 200, burst: 1 }, { arrivals: arrivals(), handoffs });
});
