/** What a page asks for by itself: only what changed is sent again, and a hidden tab asks for nothing. */
import type { Response } from "playwright-core";
import { expect, it } from "vitest";
import { startBaton } from "../world/baton.ts";
import { startWithDeadLetters } from "./baton-with-dead-letters.ts";
import { openConsoleInWindow, type TestConsole } from "./console.ts";

const OVERVIEW = "/admin/v1/overview";
const SOME = 3;
/** Some updates of the overview, on a busy machine. Milliseconds. */
const SOME_UPDATES_MS = 60_000;

/** watchAnswers keeps the status of each of admin's answers about the overview to one tab. */
function watchAnswers({ page }: TestConsole): readonly number[] {
  const statuses: number[] = [];
  page.on("response", (response: Response) => {
    if (new URL(response.url()).pathname === OVERVIEW) statuses.push(response.status());
  });
  return statuses;
}

it("asks with the ETag of what it has: admin answers 304 until something changes", async () => {
  const { console, operator, logLines } = await startWithDeadLetters({ deadLetters: 0 });
  const headline = console.page.locator("[data-headline]");
  await headline.getByText("All is well").waitFor();
  const statuses = watchAnswers(console);
  const unchanged = () => statuses.filter((status) => status === 304).length;
  await expect.poll(unchanged, { timeout: SOME_UPDATES_MS }).toBeGreaterThanOrEqual(SOME);
  // Admin has it the same way in its log.
  const served = logLines.map((line) => JSON.parse(line)).filter(({ route }) => route === OVERVIEW);
  expect(served.filter(({ status }) => status === 304).length).toBeGreaterThanOrEqual(SOME);
  // What was not sent again is as new as if it had been.
  await console.page.getByText(/^Updated \d+ s ago$/).waitFor();

  const before = statuses.length;
  await operator.pause();
  await headline.getByText("Everything is paused").waitFor();
  expect(statuses.slice(before)).toContain(200);
});

it("asks for nothing in a hidden tab, and at once when it is shown again", async () => {
  const baton = await startBaton();
  const admin = await baton.startAdmin();
  const console = await openConsoleInWindow(admin.url);
  await console.open("/");
  await console.signIn(admin.key);
  await console.page.getByRole("application", { name: /Handoffs a minute/ }).waitFor();
  const [hidden, front] = [console, await console.newTab()];
  await front.open("/");
  await front.page.locator("[data-headline]").waitFor();
  await front.page.bringToFront();
  await expect.poll(() => hidden.page.evaluate("document.visibilityState")).toBe("hidden");

  // What the hidden tab asked for before is answered by the time that the other one has asked some times.
  const shownAnswers = watchAnswers(front);
  await expect.poll(() => shownAnswers.length, { timeout: SOME_UPDATES_MS }).toBeGreaterThanOrEqual(1);
  const hiddenAnswers = watchAnswers(hidden);
  await expect.poll(() => shownAnswers.length, { timeout: SOME_UPDATES_MS }).toBeGreaterThanOrEqual(1 + SOME);
  expect(hiddenAnswers).toEqual([]);
  await hidden.page.bringToFront();
  await expect.poll(() => hiddenAnswers.length, { timeout: SOME_UPDATES_MS }).toBeGreaterThan(0);
});
