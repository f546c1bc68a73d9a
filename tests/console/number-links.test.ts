/** Numbers lead to exactly their rows: what waits for a reason, what may have arrived, what a run left out and why. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { REFUSED, startWithDeadLetters } from "./baton-with-dead-letters.ts";

const LONG_MS = 300_000;
/** Of this contact one attempt gets no trustworthy answer, and the next one is rejected. */
const MAYBE_ARRIVED = "300000000002";
/** This contact's handoff is held back by a pause. */
const HELD = "700000000009";
/** A worker that knows of no pause begins a handoff within so long. Milliseconds. */
const KNOWN_MS = 400;

/** startWithUnknown has two dead letters that cannot have arrived, and one that may have. */
async function startWithUnknown() {
  const baton = await startWithDeadLetters({ deadLetters: 2 });
  baton.simulator.answer({ contactId: MAYBE_ARRIVED, reset: "after", times: 1 });
  await baton.send({ contactId: MAYBE_ARRIVED });
  await expect.poll(() => baton.simulator.signals().some(({ contactId }) => contactId === MAYBE_ARRIVED)).toBe(true);
  await baton.dieOf(0, { status: 404, body: "contact not found", contactId: MAYBE_ARRIVED });
  await expect.poll(async () => (await baton.operator.deadLetters()).total, { timeout: LONG_MS }).toBe(3);
  const { page } = baton.console;
  return { ...baton, page, rows: (table: string) => page.getByRole("table", { name: table }).locator("tbody tr") };
}

it("leads from a plan's numbers to those that may have arrived, and to those it takes", {
  timeout: LONG_MS,
}, async () => {
  const { console, page, rows } = await startWithUnknown();
  const list = rows("Dead letters, the newest first");
  await console.open("/dead-letters/replay");
  await page.getByRole("button", { name: "Make the plan" }).click();
  await page.getByText("may have arrived already").locator("..").getByRole("link", { name: "1", exact: true }).click();
  await expect.poll(() => list.allTextContents()).toEqual([expect.stringContaining(MAYBE_ARRIVED)]);
  await page.getByText("whose signal may have arrived", { exact: false }).first().waitFor();
  // No plan could take just these: nothing offers one.
  await expect.poll(() => page.getByRole("link", { name: /^Replay (many|all)/ }).count()).toBe(0);
  await console.isSound();

  await page.getByLabel("May have arrived").selectOption("no");
  await expect.poll(() => list.allTextContents()).toEqual(Array(2).fill(expect.stringContaining(REFUSED)));
  await page.getByRole("button", { name: "Clear" }).first().click();
  await expect.poll(() => list.count()).toBe(3);
});

it("leads from a run's reasons to what it left out for each", { timeout: LONG_MS }, async () => {
  const { console, page, rows, operator } = await startWithUnknown();
  const { id } = await operator.startRun("discard", { all: true, note: "late", ratePerSecond: 100 });
  await expect.poll(async () => (await operator.run("discard", id)).status, { timeout: LONG_MS }).toBe("completed");
  await console.open(`/runs/discard/${id}`);
  await page.getByRole("link", { name: "1 may have arrived" }).click();
  await expect.poll(() => page.getByLabel("Because").inputValue()).toBe("may-have-arrived");
  await expect.poll(() => rows("Dead letters of this run").count()).toBe(1);
  await console.isSound();
  await page.getByLabel("Result").selectOption("discarded");
  await expect.poll(() => rows("Dead letters of this run").count()).toBe(2);
});

it("leads from what a connector's handoffs wait for to those that do", { timeout: LONG_MS }, async () => {
  const { console, client, connector, operator, send } = await startWithDeadLetters({ deadLetters: 1 });
  const { page } = console;
  await operator.pauseConnector(connector.id);
  for (let sent = 0; sent < 2; sent += 1)
    await send({ contactId: `70000000000${sent}`, delayMs: 60_000, deadlineMs: LONG_MS });
  // The worker knows of the pause within two seconds: until then it sends.
  const isHeld = async () => {
    const { id } = await send({ contactId: HELD, deadlineMs: LONG_MS });
    await sleep(KNOWN_MS);
    return (await client.get(id)).waitingFor;
  };
  await expect.poll(isHeld, { timeout: LONG_MS }).toBe("pause");
  await console.open("/");
  await page.getByRole("link", { name: "delay 2" }).click();
  const waits = page.getByRole("table", { name: "Handoffs, the newest first" }).locator("tbody tr");
  await expect.poll(() => waits.count()).toBe(2);
  await expect.poll(() => page.getByLabel("Waits for").inputValue()).toBe("delay");
  await page.getByLabel("Waits for").selectOption("pause");
  await waits.filter({ hasText: HELD }).first().waitFor();
  await expect.poll(() => waits.filter({ hasNotText: HELD }).count()).toBe(0);
  await console.isSound();
});
