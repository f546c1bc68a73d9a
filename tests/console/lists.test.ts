import { expect, it } from "vitest";
import { startWithDeadLetters } from "./baton-with-dead-letters.ts";
import { startWithManyDeadLetters } from "./many-dead-letters.ts";

/** By hand more: BATON_TEST_DEAD_LETTERS=100000, whose filling takes minutes. */
const MANY = Number(process.env.BATON_TEST_DEAD_LETTERS ?? 10_000);
const SAID = MANY.toLocaleString("en-US");
const PAGE = 50;
/** Filling takes most of it. Milliseconds. */
const LONG_MS = 600_000;

it("does not move a list under the hand: what is new is counted, and shown when asked for", async () => {
  const { console, die } = await startWithDeadLetters({ deadLetters: 2 });
  await console.open("/dead-letters?tab=list");
  const rows = console.page.getByRole("row");
  await expect.poll(() => rows.count(), { timeout: 20_000 }).toBe(3);
  await die(1);
  const show = console.page.getByRole("button", { name: "1 new · show" });
  await show.waitFor();
  expect(await rows.count()).toBe(3);
  await show.click();
  await expect.poll(() => rows.count()).toBe(4);
  expect(console.complaints).toEqual([]);
});

it("does not move the list of runs either", async () => {
  const { console, operator } = await startWithDeadLetters({ deadLetters: 0 });
  const { page } = console;
  const start = (note: string) => operator.startRun("discard", { filter: { contactId: "1" }, note });
  await start("the first one");
  await console.open("/runs?kind=discard");
  await page.getByRole("link", { name: "the first one" }).waitFor();
  await start("the second one");
  const show = page.getByRole("button", { name: "1 new · show" });
  await show.waitFor();
  expect(await page.getByRole("link", { name: "the second one" }).count()).toBe(0);
  await show.click();
  await page.getByRole("link", { name: "the second one" }).waitFor();
  expect(console.complaints).toEqual([]);
});

it("does not move what a run takes either", async () => {
  const { console, operator } = await startWithDeadLetters({ deadLetters: 8 });
  const { page } = console;
  const { id } = await operator.startRun("discard", { all: true, note: "test calls", ratePerSecond: 1 });
  await console.open(`/runs/discard/${id}?result=waiting`);
  const rows = page.getByRole("table").getByRole("link", { name: /^ho_/ });
  await rows.first().waitFor();
  const shown = await rows.allTextContents();
  const show = page.getByRole("button", { name: /^\d gone · show$/ });
  await show.waitFor();
  expect(await rows.allTextContents()).toEqual(shown);
  await show.click();
  await expect.poll(() => rows.count()).toBeLessThan(shown.length);
  expect(console.complaints).toEqual([]);
});

it("asks for nothing by itself while updates are paused, and says as of when", async () => {
  const { console } = await startWithDeadLetters();
  // The charts come last, and ask for what they show.
  await console.page.getByRole("application", { name: /Handoffs a minute/ }).waitFor();
  await console.page.getByRole("button", { name: "Pause updates" }).click();
  await console.page.getByText(/Updates paused · as of/).waitFor();
  const asked: string[] = [];
  console.page.on("request", (request) => {
    // A glyph that was not shown before may ask for the rest of its font.
    if (request.url().includes("/admin/v1/")) asked.push(request.url());
  });
  await console.page.evaluate("window.dispatchEvent(new Event('visibilitychange'))");
  // Three times as long as between two updates.
  await console.page.waitForTimeout(6_000);
  expect(asked).toEqual([]);
  await console.page.keyboard.press("p");
  await expect.poll(() => asked.length, { timeout: 20_000 }).toBeGreaterThan(0);
});

it("chooses some of a page or all that match, and drops the choice with the filter", async () => {
  const { console } = await startWithDeadLetters();
  await console.open("/dead-letters?tab=list");
  await console.page.getByRole("button", { name: "Choose this page (3)" }).click();
  await console.page.getByText("3 dead letters of this page chosen").waitFor();
  await console.page.getByRole("link", { name: "Replay all 3 that match…" }).waitFor();
  await console.page.getByLabel("Reason").selectOption("rejected");
  await console.page.getByText("Nothing chosen on this page").waitFor();
  await console.isSound();
});

it("narrows dead letters and the audit to a time in UTC, which the address carries", { timeout: LONG_MS }, async () => {
  const { console, operator, die, connector } = await startWithDeadLetters({ deadLetters: 1 });
  const { page } = console;
  await die(1);
  const [newest] = (await operator.deadLetters()).items;
  await console.open(`/dead-letters?tab=list&to=${newest?.diedAt}`);
  await page.getByText("1 row").waitFor();
  const before = page.getByLabel("Died before, UTC");
  expect(new Date(`${await before.inputValue()}Z`).toISOString()).toBe(newest?.diedAt);
  await before.fill("2020-02-03T04:05");
  await before.press("Enter");
  await page.getByText("No dead letter matches").waitFor();
  expect(new URL(page.url()).searchParams.get("to")).toBe("2020-02-03T04:05:00.000Z");
  await console.isSound();

  await operator.createToken(connector.id);
  await console.open("/audit");
  await page.getByRole("link", { name: "token.issue" }).first().waitFor();
  await page.getByLabel("Before, UTC").fill("2020-02-03T04:05");
  await page.getByLabel("From, UTC").fill("2020-01-01T00:00");
  await page.getByLabel("From, UTC").press("Enter");
  await page.getByText("No entry matches").waitFor();
  await expect
    .poll(() => Object.fromEntries(new URL(page.url()).searchParams))
    .toEqual({ from: "2020-01-01T00:00:00.000Z", to: "2020-02-03T04:05:00.000Z" });
  await console.isSound();
});

it(`pages through ${SAID} dead letters, 50 rows at a time`, { timeout: LONG_MS }, async () => {
  const { console, admin } = await startWithManyDeadLetters(MANY);
  await console.open("/dead-letters?tab=list");
  await console.signIn(admin.key);
  await console.page.getByText(`of ${SAID} dead letters`).waitFor();

  const seen = new Set<string>();
  for (let page = 1; page <= 10; page += 1) {
    const contacts = await console.page
      .getByRole("row")
      .getByRole("link", { name: /^\d{12}$/ })
      .allTextContents();
    expect(contacts).toHaveLength(PAGE);
    for (const contact of contacts) seen.add(contact);
    const last = contacts.at(-1) ?? "";
    await console.page.getByRole("link", { name: "Older" }).click();
    await console.page.getByText(last, { exact: true }).waitFor({ state: "detached" });
    await console.page.getByRole("table").waitFor();
  }
  expect(seen.size).toBe(10 * PAGE);
  await console.page.goBack();
  await console.page.getByText([...seen].at(-1) ?? "", { exact: true }).waitFor();
  await console.open("/dead-letters");
  await console.page.getByRole("link", { name: SAID, exact: true }).waitFor();
  await console.isSound();
});
