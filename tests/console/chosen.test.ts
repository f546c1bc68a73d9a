/** Replaying chosen dead letters of the list: by a plan where one can name them, else one by one. */
import { expect, it } from "vitest";
import { startWithDeadLetters } from "./baton-with-dead-letters.ts";

const LONG_MS = 300_000;
/** Of this contact one attempt gets no trustworthy answer, and the next one is rejected. */
const MAYBE_ARRIVED = "300000000002";

it("replays those chosen next to one another by a plan of just these", { timeout: LONG_MS }, async () => {
  const { console, operator, simulator, die } = await startWithDeadLetters({ deadLetters: 1 });
  const { page } = console;
  await die(1);
  await die(1);
  const [newest, second, oldest] = (await operator.deadLetters()).items;
  await console.open("/dead-letters?tab=list");
  await page.getByRole("checkbox").nth(1).check();
  await page.getByRole("checkbox").nth(0).check();
  await page.getByRole("link", { name: "Replay 2 chosen…" }).click();
  await page.getByRole("button", { name: "Make the plan" }).click();
  await page.getByText("The plan has the 2 dead letters that you chose").waitFor();
  await console.isSound();
  simulator.repair();
  await page.getByLabel("Why").fill("two to try");
  await page.getByRole("button", { name: "Replay 2", exact: true }).click();
  await page.getByText("All 2 dead letters ended").waitFor();
  const [run] = (await operator.runs("replay")).items;
  expect(run).toMatchObject({ matched: 2, delivered: 2, note: "two to try" });
  const { items } = await operator.runItems("replay", run?.id ?? "");
  expect(items.map(({ handoffId }) => handoffId).sort()).toEqual([newest?.id, second?.id].sort());
  expect((await operator.deadLetters()).items.map(({ id }) => id)).toEqual([oldest?.id]);
});

it("says where the plan has others than were chosen, and has the number typed", { timeout: LONG_MS }, async () => {
  const { console, operator } = await startWithDeadLetters({ deadLetters: 2 });
  const { page } = console;
  await console.open("/dead-letters/replay?chosen=1");
  await page.getByRole("button", { name: "Make the plan" }).click();
  await page.getByText("You chose 1, the plan matches 2").waitFor();
  await page.getByLabel("Why").fill("both, then");
  const replay = page.getByRole("button", { name: "Replay 2", exact: true });
  await expect.poll(() => replay.isDisabled()).toBe(true);
  await console.isSound();
  await page.getByLabel("Type 2 to confirm").fill("2");
  await replay.click();
  await page.getByText("Why and who").waitFor();
  expect((await operator.runs("replay")).items).toMatchObject([{ matched: 2, note: "both, then" }]);
});

it("replays others one by one, with a preview, a result for each and one sum", { timeout: LONG_MS }, async () => {
  const { console, operator, simulator, die, send } = await startWithDeadLetters({ deadLetters: 0 });
  const { page } = console;
  simulator.answer({ contactId: MAYBE_ARRIVED, status: 500, times: 1 });
  simulator.answer({ contactId: MAYBE_ARRIVED, status: 404 });
  await send({ contactId: MAYBE_ARRIVED });
  await expect.poll(async () => (await operator.deadLetters()).total, { timeout: 30_000 }).toBe(1);
  for (let died = 0; died < 3; died += 1) await die(1);
  const [newest, second, third, oldest] = (await operator.deadLetters()).items;
  await console.open("/dead-letters?tab=list");
  for (const row of [0, 2, 3]) await page.getByRole("checkbox").nth(row).check();
  await page.getByRole("button", { name: "Replay 3 chosen…" }).click();
  const dialog = page.getByRole("dialog", { name: "Replay 3 dead letters" });
  await dialog.getByText("0 of 3 queued again, 1 left alone and 2 to come").waitFor();
  await console.isSound();

  // Another operator is quicker with one of them.
  simulator.repair();
  await operator.replay(third?.id ?? "", { note: "mine" });
  const replay = dialog.getByRole("button", { name: "Replay 2", exact: true });
  await expect.poll(() => replay.isDisabled()).toBe(true);
  await dialog.getByLabel("Why").fill("two to try");
  await replay.click();
  await dialog.getByText("1 of 3 queued again and 2 left alone").waitFor();
  await expect
    .poll(() => dialog.getByRole("listitem").locator("[data-outcome]").allTextContents())
    .toEqual([
      "queued again",
      "left alone: no dead letter any more",
      "left alone: may have arrived already: look at it before it is replayed",
    ]);
  await console.isSound();
  await expect
    .poll(async () => (await operator.handoff(newest?.id ?? "")).status, { timeout: 30_000 })
    .toBe("delivered");
  expect((await operator.deadLetters()).items.map(({ id }) => id)).toEqual([second?.id, oldest?.id]);
  const { items } = await operator.audit({ id: newest?.id ?? "" });
  expect(items).toMatchObject([{ action: "dead-letter.replay", note: "two to try", outcome: "done" }]);
});
