/** Every dead handoff is one line of the log, whichever process found it dead. */
import { expect, it } from "vitest";
import { startBaton, startIntake } from "./world/baton.ts";
import { eventually } from "./world/redis-server.ts";

const CONNECTOR = { delivery: { maxAttempts: 2, backoff: { baseMs: 10, capMs: 10 } } };

it.each([
  { dies: "of an answer for this contact", answer: 404, line: { level: "info", reason: "rejected", attempts: 1 } },
  { dies: "after all its attempts", answer: 502, line: { level: "warn", reason: "exhausted", attempts: 2 } },
])("which dies $dies", async ({ answer, line }) => {
  const { deliver, simulator, logLines } = await startBaton(CONNECTOR);
  simulator.answer({ on: "signal", status: answer });
  const { id, connectorId, endedAt } = await deliver();
  await eventually(() => deaths(logLines).length, 1);
  expect(deaths(logLines)).toMatchObject([
    {
      ...line,
      handoffId: id,
      connectorId,
      diedAt: endedAt,
      cause: expect.stringMatching(/^cs_/),
      requestId: expect.any(String),
    },
  ]);
});

it("which expires while it waits", async () => {
  const { send, logLines } = await startBaton({ paused: true });
  const { id } = await send({ deadlineMs: 1_000 });
  await eventually(() => deaths(logLines).length, 1);
  expect(deaths(logLines)).toMatchObject([
    { level: "warn", reason: "expired", handoffId: id, attempts: 0, requestId: expect.any(String) },
  ]);
});

it("which a reader found dead while no worker ran, once workers are back", async () => {
  const { send, client, startWorker, logLines } = await startIntake();
  const { id } = await send({ deadlineMs: 1_000 });
  expect(await client.get(id, { waitMs: 10_000 })).toMatchObject({ status: "dead", reason: "expired" });
  await Promise.all([startWorker(), startWorker()]);
  await eventually(
    () => deaths(logLines),
    [expect.objectContaining({ level: "warn", reason: "expired", handoffId: id, attempts: 0 })],
  );
});

function deaths(logLines: readonly string[]) {
  return logLines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === "dead");
}
