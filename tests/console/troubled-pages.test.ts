/** Every page while it loads, without admin, without Redis, without a session, and for a role that is too low. */
import { expect, it } from "vitest";
import { startRedisServer } from "../world/redis-server.ts";
import { startWithDeadLetters } from "./baton-with-dead-letters.ts";
import type { TestConsole } from "./console.ts";
import { isSoundInLooks, type Look, TWO_LOOKS } from "./looks.ts";
import { type ConsolePage, listPages } from "./pages.ts";

/** Each look of each page is judged in turn. Milliseconds. */
const LONG_MS = 900_000;
/** A page asks again ten seconds later, and each tab in its turn. Milliseconds. */
const NEWS_MS = 60_000;

/** OpenPage is a page in a tab of its own, drawn. */
interface OpenPage extends NumberedPage {
  readonly tab: TestConsole;
}

interface NumberedPage extends ConsolePage {
  readonly turn: number;
}

async function numberedPages(of: Parameters<typeof listPages>[0]): Promise<readonly NumberedPage[]> {
  return (await listPages(of)).map((page, turn) => ({ ...page, turn }));
}

/** openEach opens every page in a tab of its own, and waits until all are drawn. */
async function openEach(console: TestConsole, pages: readonly NumberedPage[]): Promise<readonly OpenPage[]> {
  const opened: OpenPage[] = [];
  for (const page of pages) {
    const tab = await console.newTab();
    await tab.open(page.path);
    await tab.page.getByText(page.shows).first().waitFor();
    await tab.page.waitForLoadState("networkidle").catch(() => undefined);
    opened.push({ ...page, tab });
  }
  return opened;
}

/** By hand all pages are judged in every trouble, which takes five minutes more. */
const EVERY_PAGE = process.env.BATON_TEST_EVERY_PAGE !== undefined;
/** Else each trouble has every third page judged, this one first: each page is judged in one trouble at least. */
const FIRST_JUDGED = { loading: 0, adminGone: 1, redisGone: 2, tooLow: 2 } as const;
type Trouble = keyof typeof FIRST_JUDGED;

/** looksOfTurn is one look in turn: each has half of the pages that are judged in a trouble. */
function looksOfTurn(turn: number, trouble: Trouble): readonly Look[] {
  if (!EVERY_PAGE && turn % 3 !== FIRST_JUDGED[trouble]) return [];
  return TWO_LOOKS.filter((_, index) => index === turn % TWO_LOOKS.length);
}

/** isSoundFailing judges a page whose requests get no answer. */
async function isSoundFailing({ tab, turn }: OpenPage, trouble: Trouble): Promise<void> {
  await tab.page.bringToFront();
  await isSoundInLooks({ ...tab, isSound: () => tab.isSound({ failed: true }) }, looksOfTurn(turn, trouble));
}

/** asks: a page that shows what it asks for again and again. */
function asks({ isForm }: ConsolePage): boolean {
  return isForm !== true;
}

it("shows on every page that it is loading", { timeout: LONG_MS }, async () => {
  const { console, connector, operator } = await startWithDeadLetters();
  const { page } = console;
  for (const { turn, path, shows } of (await numberedPages({ connector, operator })).filter(asks)) {
    // Held for one look at most: a request without an answer for ten seconds counts as a missed one.
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
    await page.route(/\/admin\/v1\/(?!session)/, async (route) => {
      await answered;
      await route.continue().catch(() => undefined);
    });
    await console.open(path);
    await page.getByRole("status", { name: "Loading" }).first().waitFor();
    await isSoundInLooks(console, looksOfTurn(turn, "loading"));
    answer();
    await page.getByText(shows).first().waitFor();
    await page.unrouteAll({ behavior: "ignoreErrors" });
  }
});

it("keeps on every page what was last known while admin is gone", { timeout: LONG_MS }, async () => {
  const { console, connector, operator, admin, startAdmin } = await startWithDeadLetters();
  const open = await openEach(console, await numberedPages({ connector, operator }));
  await admin.life.close();
  for (const each of open.filter(asks)) {
    const { page } = each.tab;
    await page.getByText("Baton's admin process does not answer").first().waitFor({ timeout: NEWS_MS });
    await page.getByText(each.shows).first().waitFor();
    await isSoundFailing(each, "adminGone");
  }
  for (const each of open.filter(({ shows }) => shows === "Make the plan")) {
    await each.tab.page.getByRole("button", { name: "Make the plan" }).click();
    await each.tab.page.getByText("Baton's admin process cannot be reached.").waitFor();
    await isSoundFailing(each, "adminGone");
  }
  await startAdmin({ BATON_ADMIN_PORT: new URL(admin.url).port });
  for (const { tab } of open.filter(asks)) {
    const trouble = tab.page.getByText("Baton's admin process does not answer");
    await expect.poll(() => trouble.count(), { timeout: NEWS_MS }).toBe(0);
  }
});

it("says on every page what it means that Redis is gone, and goes on once it is back", {
  timeout: LONG_MS,
}, async () => {
  const redis = await startRedisServer();
  const { console, connector, operator } = await startWithDeadLetters({
    environment: { BATON_REDIS_URL: redis.url },
  });
  const open = await openEach(console, (await numberedPages({ connector, operator })).filter(asks));
  await redis.stop();
  for (const each of open) {
    await each.tab.page.getByText("Redis cannot be reached").first().waitFor({ timeout: NEWS_MS });
    await each.tab.page.getByText(each.shows).first().waitFor();
    await isSoundFailing(each, "redisGone");
  }
  await redis.start();
  for (const { tab } of open) {
    await expect.poll(() => tab.page.getByText("Redis cannot be reached").count(), { timeout: NEWS_MS }).toBe(0);
  }
});

it("asks on every page to sign in again once the session is over, and goes on at the same address", {
  timeout: LONG_MS,
}, async () => {
  const { console, connector, operator, admin } = await startWithDeadLetters();
  const pages = await numberedPages({ connector, operator });
  const { id, token } = await operator.createAdminKey({ name: "Bo, on call", role: "admin" });
  await console.page.getByRole("button", { name: "Sign out" }).click();
  await console.signIn(token);
  const open = await openEach(console, pages.filter(asks));
  await operator.revokeAdminKey(id);
  for (const { tab, turn, path, shows } of open) {
    await tab.page.getByRole("status").getByText("Your session is over").waitFor({ timeout: NEWS_MS });
    await tab.page.bringToFront();
    // The same sign-in page everywhere: one in each look is enough.
    await isSoundInLooks(tab, TWO_LOOKS.slice(turn, turn + 1));
    await tab.signIn(admin.key);
    await tab.page.getByText(shows).first().waitFor();
    expect(tab.page.url()).toBe(`${admin.url}${path}`);
    await tab.page.getByRole("button", { name: "Sign out" }).click();
    await tab.page.getByLabel("Admin key").waitFor();
  }
});

/** Buttons that change something, by how their words begin. */
const CHANGES =
  /^(Pause [^u]|Pause…|Resume|Do not wait|Replay(?!s)|Try \d|Discard(?!s)|Make the|State and note|Choose|Take back|Cancel|Change rate|New |Revoke|Save|Verify(?! and)|Send test|Next: CXone)/;

it("offers a viewer nothing on any page that his role may not do", { timeout: LONG_MS }, async () => {
  const { console, connector, operator } = await startWithDeadLetters();
  const { page } = console;
  const pages = await numberedPages({ connector, operator });
  const { token } = await operator.createAdminKey({ name: "Cleo, watching", role: "viewer" });
  await page.getByRole("button", { name: "Sign out" }).click();
  await console.signIn(token);
  for (const { turn, path, shows, refuses } of pages) {
    await console.open(path);
    await page
      .getByText(refuses ?? shows)
      .first()
      .waitFor();
    expect(await page.getByRole("button", { name: CHANGES }).allTextContents(), path).toEqual([]);
    expect(await page.getByRole("link", { name: CHANGES }).allTextContents(), path).toEqual([]);
    await isSoundInLooks(console, looksOfTurn(turn, "tooLow"));
  }
});
