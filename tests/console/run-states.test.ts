/** Plans and runs in each of their states, and pages of what is not there: sound in every look. */
import { setTimeout as sleep } from "node:timers/promises";
import type { RunJson } from "@baton/api";
import { expect, it } from "vitest";
import { startWithDeadLetters } from "./baton-with-dead-letters.ts";
import type { TestConsole } from "./console.ts";
import { isSoundInLooks } from "./looks.ts";

/** Each look of each state is judged in turn. Milliseconds. */
const LONG_MS = 600_000;
const DEAD_LETTERS = 6;
/** A worker has looked at a handoff after so long, or the next one is tried. Milliseconds. */
const LOOKED_AT_MS = 300;

/** looksSound waits for words on a page, and judges it in every look. */
async function looksSound(console: TestConsole, shows: string | RegExp): Promise<void> {
  await console.page.getByText(shows).first().waitFor();
  await isSoundInLooks(console);
}

/** planTaken makes the plan on the page that is open, and fills its form. */
async function planTaken({ page }: TestConsole): Promise<void> {
  await page.getByRole("button", { name: "Make the plan" }).click();
  await page.getByText("How old they are").waitFor();
  await page.getByLabel("Why").fill("CXone is repaired");
}

it("looks at the plan of a replay and of a discard, and at one that takes nothing", { timeout: LONG_MS }, async () => {
  const { console } = await startWithDeadLetters({ deadLetters: DEAD_LETTERS });
  const { page } = console;
  await console.open("/dead-letters/replay");
  await planTaken(console);
  await looksSound(console, "Five of them");
  await page.getByLabel("Also those that may have arrived").check();
  await planTaken(console);
  await page.getByLabel("How many a second").fill("0");
  await looksSound(console, "Enter a whole number from 1 to 5,000.");
  await console.open("/dead-letters/discard");
  await planTaken(console);
  await looksSound(console, `Type ${DEAD_LETTERS} to confirm`);
  await console.open("/dead-letters/replay?contactId=1");
  await page.getByRole("button", { name: "Make the plan" }).click();
  await looksSound(console, "Nothing would be taken");
});

it("shows a run that pauses, goes on, is cancelled or ends", { timeout: LONG_MS }, async () => {
  const baton = await startWithDeadLetters({ deadLetters: DEAD_LETTERS });
  const { console, connector, operator } = baton;
  const { page } = console;
  const open = async ({ kind, id }: RunJson) => console.open(`/runs/${kind}/${id}`);
  const become = ({ kind, id }: RunJson, status: RunJson["status"]) =>
    expect.poll(async () => (await operator.run(kind, id)).status).toBe(status);

  const run = await operator.startRun("replay", { all: true, note: "two to try", ratePerSecond: 100, first: 2 });
  await become(run, "paused");
  await open(run);
  await looksSound(console, "Paused: the first ones have ended");
  // It goes on, and takes none meanwhile: the worker knows of the pause once a handoff waits for it.
  await operator.pauseConnector(connector.id);
  const heldBy = async () => {
    const { id } = await baton.send({ contactId: "300000000009", deadlineMs: LONG_MS });
    await sleep(LOOKED_AT_MS);
    return (await baton.client.get(id)).waitingFor;
  };
  await expect.poll(heldBy).toBe("pause");
  await operator.resumeRun("replay", run.id);
  await page.getByRole("button", { name: "Pause", exact: true }).waitFor();
  await page.getByText("Each connector with dead letters left is paused").waitFor();
  await looksSound(console, "at least");
  await page.getByRole("button", { name: "Cancel…" }).click();
  await page.getByRole("dialog", { name: "Cancel this run" }).waitFor();
  await isSoundInLooks(console);
  await page.getByRole("button", { name: "Cancel the run" }).click();
  await page.getByRole("button", { name: "Cancel…" }).waitFor({ state: "detached" });
  await page.getByText("4 dead letters were not taken").waitFor();
  await looksSound(console, `2 of ${DEAD_LETTERS} dead letters ended`);

  const discards = await operator.startRun("discard", { all: true, note: "test calls", ratePerSecond: 100 });
  await become(discards, "completed");
  await open(discards);
  await looksSound(console, `All ${DEAD_LETTERS} dead letters ended`);
  await page.getByLabel("Result").selectOption("skipped");
  await looksSound(console, "None");
  await console.open("/runs");
  await looksSound(console, "two to try");
  await console.open("/runs?kind=discard");
  await looksSound(console, "test calls");
});

/** A run is judged by the last fifty: it pauses long before it has taken so many, at so many a second. */
const MANY = 200;
const PER_SECOND = 20;
/** The others are replayed within ten seconds, beside other tests in a minute. Milliseconds. */
const REPLAYED_MS = 120_000;

it("says of a run that paused by itself why, and what to do next", { timeout: LONG_MS }, async () => {
  const { console, operator, simulator } = await startWithDeadLetters({ deadLetters: MANY });
  const { page } = console;
  const { id } = await operator.startRun("replay", { all: true, note: "too early", ratePerSecond: PER_SECOND });
  await expect.poll(async () => (await operator.run("replay", id)).status, { timeout: 60_000 }).toBe("paused");
  await console.open("/");
  await page.locator("[data-headline]").getByRole("link", { name: "1 replay run is paused" }).click();
  await page.getByText("too many died again").waitFor();
  await isSoundInLooks(console);
  await page.getByRole("link", { name: "too early" }).click();
  await looksSound(console, "Paused by itself: too many died again");
  const causes = page.getByRole("list", { name: "Causes of the last hour" });
  await causes.getByText(/404 · contact not found/).waitFor();
  await page.getByRole("link", { name: /dead letters that died again/ }).click();
  await expect.poll(() => page.getByLabel("Result").inputValue()).toBe("died-again");

  simulator.repair();
  await page.getByRole("button", { name: "Resume", exact: true }).click();
  await page.getByText(new RegExp(`^\\d+ of ${MANY} died again$`)).waitFor({ timeout: REPLAYED_MS });
  await looksSound(console, `All ${MANY} dead letters ended`);
  await page.getByRole("link", { name: "what became of them" }).waitFor();
});

it("says on the page of what is not there that nothing is", { timeout: LONG_MS }, async () => {
  const { console, operator } = await startWithDeadLetters({ deadLetters: 0 });
  const { kind, id } = await operator.startRun("discard", { filter: { contactId: "1" }, note: "nothing" });
  const none = "0000000000000000";
  for (const path of [
    `/handoffs/ho_${none}`,
    `/connectors/cn_${none}`,
    `/runs/replay/rn_${none}`,
    `/runs/replay/${id}`,
  ]) {
    await console.open(path);
    await looksSound(console, "Nothing is here");
  }
  await console.open(`/runs/${kind}/${id}`);
  await console.page
    .getByText("0 of 0 dead letters ended")
    .or(console.page.getByText("All 0 dead letters ended"))
    .waitFor();
  await isSoundInLooks(console);
});
