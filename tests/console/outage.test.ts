/** The outage, from the first alarm until all is replayed: with the mouse, and with the keyboard alone. */
import type { Locator, Page } from "playwright-core";
import { expect, it } from "vitest";
import { startWithDeadLetters } from "./baton-with-dead-letters.ts";
import { startWithManyDeadLetters } from "./many-dead-letters.ts";

const DEAD_LETTERS = 6;
/** More stops of the Tab key than any page here has. */
const MAX_STOPS = 150;
const LONG_MS = 300_000;

/** Hand is how the page is worked. */
interface Hand {
  /** Presses a button, follows a link. */
  press(target: Locator): Promise<void>;
  write(target: Locator, text: string): Promise<void>;
}

function mouse(): Hand {
  return {
    press: (target) => target.click(),
    write: async (target, text) => {
      await target.click();
      await target.fill(text);
    },
  };
}

function keyboard(page: Page): Hand {
  const reach = async (target: Locator) => {
    await target.waitFor();
    for (let stops = 0; stops < MAX_STOPS; stops += 1) {
      if ((await target.and(page.locator(":focus")).count()) > 0) return;
      await page.keyboard.press("Tab");
    }
    throw new Error(`the Tab key does not reach ${target}`);
  };
  return {
    async press(target) {
      await reach(target);
      await page.keyboard.press("Enter");
    },
    async write(target, text) {
      await reach(target);
      await page.keyboard.type(text);
    },
  };
}

it.each([
  { by: "the mouse", handOf: mouse },
  { by: "the keyboard alone", handOf: keyboard },
])("leads from the first alarm to all replayed with $by", { timeout: LONG_MS }, async ({ handOf }) => {
  const { console, simulator, connector, operator } = await startWithDeadLetters({ deadLetters: DEAD_LETTERS });
  const { page } = console;
  const hand = handOf(page);

  // What fails, for whom, since when.
  const headline = page.locator("[data-headline]");
  await expect.poll(() => headline.textContent()).toMatch(`CXone rejects signals of ${connector.name} since`);
  await expect.poll(() => headline.textContent()).toContain(`${DEAD_LETTERS} dead letters`);
  await hand.press(headline.getByRole("link", { name: `CXone rejects signals of ${connector.name}` }));

  // CXone is put right; now the callers' handoffs: plan, look, run.
  simulator.repair();
  await hand.press(page.getByRole("link", { name: `Replay all ${DEAD_LETTERS} that match…` }));
  await hand.press(page.getByRole("button", { name: "Make the plan" }));
  await page.getByText("How old they are").waitFor();
  await page.getByText(/^Since they died: their callers have waited longer/).waitFor();
  await console.isSound();
  await hand.write(page.getByLabel("Why"), "CXone is repaired");
  await hand.press(page.getByRole("button", { name: `Replay ${DEAD_LETTERS}`, exact: true }));

  // Nothing says done before it is.
  await page.getByText(`All ${DEAD_LETTERS} dead letters ended`).waitFor();
  await console.isSound();
  const [run] = (await operator.runs("replay")).items;
  expect(run).toMatchObject({ status: "completed", delivered: DEAD_LETTERS, diedAgain: 0, note: "CXone is repaired" });
  await hand.press(page.getByRole("link", { name: "Overview" }));
  await page.locator("[data-headline]").getByText("All is well: no handoff waits too long").waitFor();
  expect(console.complaints).toEqual([]);
});

it("tries five first, pauses, and shows on the run's page why", { timeout: LONG_MS }, async () => {
  const { console, simulator, connector, operator } = await startWithDeadLetters({ deadLetters: DEAD_LETTERS });
  const { page } = console;
  // Slower than the run's rate: the estimate follows it.
  await operator.patchConnector(connector.id, { delivery: { rate: { perSecond: 2, burst: 40 } } });
  await console.open("/dead-letters/replay");
  expect(await console.copy(page.getByRole("button", { name: "Copy plan's command" }))).toBe(
    "baton replays start --all --skip-ended-contacts --dry-run",
  );
  await page.getByRole("button", { name: "Make the plan" }).click();
  await page.getByText(/About 3\.0 s for 6\.$/).waitFor();
  await page.getByLabel("How many a second").fill("1");
  await page.getByText(/About 6\.0 s for 6\.$/).waitFor();
  await page.getByLabel("How many a second").fill("20");
  await page.getByLabel("Why").fill("to see how it goes");
  expect(await console.copy(page.getByRole("button", { name: "Copy command" }))).toMatch(
    /^baton replays start --plan pl_\w+ --rate 20 --note 'to see how it goes'$/,
  );
  simulator.repair();
  await page.getByRole("button", { name: "Try 5 first" }).click();
  await page.getByText("Paused: the first ones have ended").waitFor();
  await console.isSound();
  await page.getByRole("button", { name: "Resume", exact: true }).click();
  await page.getByText(`All ${DEAD_LETTERS} dead letters ended`).waitFor();
});

it("replays more than 1,000 only once the number is typed", { timeout: LONG_MS }, async () => {
  const { console, operator, admin } = await startWithManyDeadLetters(1_001);
  const { page } = console;
  await console.open("/dead-letters/replay");
  await console.signIn(admin.key);
  await page.getByRole("button", { name: "Make the plan" }).click();
  await page.getByLabel("Why").fill("CXone is repaired");
  const typed = page.getByLabel("Type 1001 to confirm");
  const buttons = [
    page.getByRole("button", { name: "Replay 1,001" }),
    page.getByRole("button", { name: "Try 5 first" }),
  ];
  for (const wrong of ["", "1000", "10010", "all"]) {
    await typed.fill(wrong);
    for (const button of buttons) expect(await button.isDisabled(), `typed ${wrong}`).toBe(true);
  }
  await console.isSound();
  expect((await operator.runs("replay")).items).toEqual([]);
  await typed.fill("1,001");
  await buttons[0]?.click();
  await page.getByText("0 of 1,001 dead letters ended").waitFor();
  expect((await operator.runs("replay")).items).toMatchObject([{ matched: 1_001, note: "CXone is repaired" }]);
});

it("has the number typed before it replays what may have arrived", { timeout: LONG_MS }, async () => {
  const { console, operator } = await startWithDeadLetters({ deadLetters: 2 });
  const { page } = console;
  await console.open("/dead-letters/replay");
  await page.getByLabel("Also those that may have arrived").check();
  await page.getByRole("button", { name: "Make the plan" }).click();
  await page.getByLabel("Why").fill("those that still wait");
  const replay = page.getByRole("button", { name: "Replay 2" });
  expect(await replay.isDisabled()).toBe(true);
  await page.getByLabel("Type 2 to confirm").fill("2");
  await replay.click();
  await page.getByText("Why and who").waitFor();
  expect((await operator.runs("replay")).items).toMatchObject([{ includeUnknown: true, matched: 2 }]);
});

it("discards many only once the number is typed", { timeout: LONG_MS }, async () => {
  const { console, operator } = await startWithDeadLetters({ deadLetters: 3 });
  const { page } = console;
  await console.open("/dead-letters/discard");
  await page.getByRole("button", { name: "Make the plan" }).click();
  await page.getByLabel("Why").fill("test calls");
  const discard = page.getByRole("button", { name: "Discard 3" });
  expect(await discard.isDisabled()).toBe(true);
  await page.getByLabel("Type 3 to confirm").fill("3");
  await console.isSound();
  await discard.click();
  await page.getByText("All 3 dead letters ended").waitFor();
  expect((await operator.deadLetters()).total).toBe(0);
  await console.open("/runs?kind=discard");
  await page.getByRole("link", { name: "test calls" }).waitFor();
  await console.isSound();
});
