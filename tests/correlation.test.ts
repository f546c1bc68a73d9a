/** X-Request-Id and traceparent: from a caller's request to everything that happens to its handoff. */
import { expect, it } from "vitest";
import { startBaton, startIntake } from "./world/baton.ts";
import { eventually } from "./world/redis-server.ts";

const TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const REQUEST_ID = `turn ${"x".repeat(120)}`;
const KNOWN = { "x-request-id": REQUEST_ID, traceparent: TRACE };
const LOGGED = { requestId: REQUEST_ID, traceparent: TRACE };
const BODY = { contactId: "100000000001" };

it("is in the line of the request and of every attempt, and comes back with the answer", async () => {
  const { raw, simulator, logLines } = await startBaton({ delivery: { backoff: { baseMs: 10, capMs: 10 } } });
  simulator.answer({ on: "signal", status: 502, times: 1 });
  const answer = await raw({ body: BODY, headers: { ...KNOWN, prefer: "wait=20" } });
  expect(answer.json.status).toBe("delivered");
  expect([answer.headers.get("x-request-id"), answer.headers.get("traceparent")]).toEqual([REQUEST_ID, TRACE]);
  const { id } = answer.json;
  await eventually(() => lines(logLines, "attempt").length, 2);
  expect(lines(logLines, "attempt")).toMatchObject([
    { handoffId: id, outcome: "ambiguous", ...LOGGED },
    { handoffId: id, outcome: "accepted", ...LOGGED },
  ]);
  await eventually(
    () => lines(logLines, "request").filter(({ handoffId }) => handoffId === id),
    [expect.objectContaining(LOGGED)],
  );
});

it("is each handoff's of a batch, and the first asker's where a request is repeated", async () => {
  const { raw, startWorker, logLines } = await startIntake();
  const batch = await raw({
    path: "/v1/handoffs/batch",
    body: { handoffs: [{ ...BODY, idempotencyKey: "key" }] },
    headers: KNOWN,
  });
  const again = await raw({ body: BODY, headers: { "idempotency-key": "key", "x-request-id": "another" } });
  expect(again.json.id).toBe(batch.json.results[0].handoff.id);
  await startWorker();
  await eventually(() => lines(logLines, "attempt").length, 1);
  expect(lines(logLines, "attempt")).toMatchObject([LOGGED]);
});

it("is made where the request has none, and kept alike", async () => {
  const { raw, logLines } = await startBaton();
  const answer = await raw({ body: BODY, headers: { prefer: "wait=20" } });
  const requestId = answer.headers.get("x-request-id");
  expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
  await eventually(() => lines(logLines, "attempt"), [expect.objectContaining({ requestId })]);
});

function lines(logLines: readonly string[], msg: string) {
  return logLines.map((line) => JSON.parse(line)).filter((line) => line.msg === msg);
}
