/** Lists that each answer puts into another order: causes, and what the overview ranks. */
import type { Locator } from "playwright-core";
import { expect, it } from "vitest";
import { startWithDeadLetters } from "./baton-with-dead-letters.ts";

const LONG_MS = 180_000;
const SOON = { timeout: 30_000 };

const GONE = { status: 410, body: "contact has ended", contactId: "300000000002" };
const TITLES = {
  unknown: "CXone refused the contact or the parameters · 404 · contact not found",
  ended: "CXone refused the contact or the parameters · 410 · contact has ended",
};

/** texts waits until the elements say this, in this order. */
async function texts(elements: Locator, expected: readonly string[]): Promise<void> {
  await expect.poll(() => elements.allTextContents(), SOON).toEqual(expected);
}

it("keeps causes in their places, says what is new, gone or in another order, and shows it when asked", {
  timeout: LONG_MS,
}, async () => {
  const { console, die, dieOf, operator } = await startWithDeadLetters({ deadLetters: 1 });
  const { page } = console;
  await console.open("/dead-letters");
  const causes = page.getByRole("list", { name: "Causes" });
  const titles = causes.getByRole("heading");
  const show = (words: string) => page.getByRole("button", { name: `${words} · show` });
  await texts(titles, [TITLES.unknown]);
  await page.evaluate("document.fonts.ready.then(() => true)");
  const place = await causes.boundingBox();

  await dieOf(3, GONE);
  await show("1 new").waitFor();
  await texts(titles, [TITLES.unknown]);
  expect((await causes.boundingBox())?.y).toBe(place?.y);
  await console.isSound();
  await show("1 new").click();
  await texts(titles, [TITLES.ended, TITLES.unknown]);

  await die(4);
  await show("another order").waitFor();
  await texts(titles, [TITLES.ended, TITLES.unknown]);
  await causes.getByRole("link", { name: "5", exact: true }).waitFor();
  await show("another order").click();
  await texts(titles, [TITLES.unknown, TITLES.ended]);

  for (const { id } of (await operator.deadLetters({ contactId: GONE.contactId })).items) await operator.discard(id);
  await show("1 gone").waitFor();
  await causes.getByText("not in this list any more").waitFor();
  await console.isSound();
  await show("1 gone").click();
  await texts(titles, [TITLES.unknown]);
});

it("keeps the order of what fails while the pointer or the focus is on it", { timeout: LONG_MS }, async () => {
  const { console, die, dieOf, operator } = await startWithDeadLetters({ deadLetters: 3 });
  const { page } = console;
  await dieOf(2, GONE);
  const panel = page.getByRole("region", { name: "What fails" });
  const titles = panel.locator("strong").filter({ hasText: "CXone refused" });
  const show = panel.getByRole("button", { name: "another order · show" });
  const [unknownFirst, endedFirst] = [[TITLES.unknown, TITLES.ended] as const, [TITLES.ended, TITLES.unknown] as const];
  await texts(titles, unknownFirst);
  await panel.hover();
  const [first, second] = (await operator.deadLetters({ reason: "rejected" })).items.filter(
    ({ contactId }) => contactId !== GONE.contactId,
  );
  for (const deadLetter of [first, second]) await operator.discard(deadLetter?.id ?? "");
  await show.waitFor();
  await texts(titles, unknownFirst);
  await page.mouse.move(0, 0);
  await texts(titles, endedFirst);

  await panel.getByRole("link", { name: "all causes" }).focus();
  await die(3);
  await show.waitFor();
  await texts(titles, endedFirst);
  await console.isSound();
  await show.click();
  await texts(titles, unknownFirst);
});

it("moves nothing on the overview when a handoff begins to wait", { timeout: LONG_MS }, async () => {
  const { console, send } = await startWithDeadLetters({ deadLetters: 1 });
  const { page } = console;
  const panel = page.getByRole("region", { name: "What fails" });
  await page.getByText("No handoff is queued.").waitFor();
  await panel.waitFor();
  await page.evaluate("document.fonts.ready.then(() => true)");
  const place = await panel.boundingBox();
  await send({ contactId: "300000000003", delayMs: 60_000, deadlineMs: 600_000 });
  await page.getByText("waits for the delay that its sender asked for").waitFor();
  expect((await panel.boundingBox())?.y).toBe(place?.y);
  await console.isSound();
});

/** One more page than the first. */
const MANY_CAUSES = 52;

it("pages through causes, and says how many there are", { timeout: LONG_MS }, async () => {
  const { console, simulator, send, operator } = await startWithDeadLetters({ deadLetters: 0 });
  const { page } = console;
  const contactOf = (cause: number) => String(300_000_000_100 + cause);
  for (let cause = 0; cause < MANY_CAUSES; cause += 1) {
    const word = String.fromCharCode(97 + Math.floor(cause / 26), 97 + (cause % 26));
    simulator.answer({ status: 404, body: `fault ${word}`, contactId: contactOf(cause) });
  }
  await Promise.all(Array.from({ length: MANY_CAUSES }, (_, cause) => send({ contactId: contactOf(cause) })));
  await expect.poll(async () => (await operator.causes()).total, SOON).toBe(MANY_CAUSES);
  await page.getByRole("link", { name: `all ${MANY_CAUSES} causes` }).click();
  const rows = page.getByRole("list", { name: "Causes" }).getByRole("listitem");
  await page.getByText(`50 causes of ${MANY_CAUSES}`).waitFor();
  await expect.poll(() => rows.count()).toBe(50);
  await page.getByRole("link", { name: "More causes" }).click();
  await expect.poll(() => rows.count(), SOON).toBe(MANY_CAUSES - 50);
  await page.getByRole("link", { name: "First page" }).click();
  await expect.poll(() => rows.count(), SOON).toBe(50);
  expect(console.complaints).toEqual([]);
});
