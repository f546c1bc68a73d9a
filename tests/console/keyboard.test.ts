import { expect, it } from "vitest";
import { startWithDeadLetters } from "./baton-with-dead-letters.ts";

/** Charts come after the first answer, which two busy cores give late. Milliseconds. */
const LONG_MS = 180_000;

it("lists its shortcuts with ?, follows them, and can turn them off", async () => {
  const { console } = await startWithDeadLetters();
  const { page } = console;
  await page.locator("[data-headline]").waitFor();
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
  await console.isSound();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });

  await page.keyboard.press("g");
  await page.keyboard.press("d");
  await page.getByRole("heading", { level: 1, name: "Dead letters" }).waitFor();
  // A keyboard begins at the top of the page that came up.
  await expect.poll(() => page.evaluate("document.activeElement.id")).toBe("main");

  const shortcuts = page.getByRole("button", { name: "Shortcuts" });
  await shortcuts.focus();
  await page.keyboard.press("Enter");
  await page.getByLabel("Shortcuts are on").uncheck();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await shortcuts.and(page.locator(":focus")).waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("o");
  expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("Dead letters");
});

it("says an instant in UTC to the keyboard and to the pointer, and stops at Escape", async () => {
  const { console, operator } = await startWithDeadLetters({ deadLetters: 0 });
  const { page } = console;
  await operator.pause();
  await console.open("/audit");
  const hint = page.getByRole("tooltip");
  const instant = page.locator("time").first();
  await instant.waitFor();
  expect(await hint.count()).toBe(0);

  const about = page.getByRole("button").filter({ has: instant });
  await page.getByLabel("Key's id of who did it").focus();
  await page.keyboard.press("Tab");
  await about.and(page.locator(":focus")).waitFor();
  await hint.getByText(/^\d{4}-\d{2}-\d{2}T[\d:.]+Z \(UTC\)$/).waitFor();
  const id = await hint.getAttribute("id");
  await expect.poll(() => about.getAttribute("aria-describedby")).toBe(id);
  await console.isSound();
  await page.keyboard.press("Escape");
  await hint.waitFor({ state: "hidden" });
  await about.and(page.locator(":focus")).waitFor();

  await page.locator("h1").hover();
  await instant.hover();
  await hint.waitFor();
  // The pointer may go onto it, to select its text.
  await hint.hover();
  await hint.waitFor();
  await page.locator("h1").hover();
  await hint.waitFor({ state: "hidden" });
});

it("has every minute of a chart in its table for screen readers", { timeout: LONG_MS }, async () => {
  const { console } = await startWithDeadLetters();
  const { page } = console;
  const rows = page.getByRole("figure", { name: "Handoffs a minute" }).locator("tbody tr");
  await expect.poll(() => rows.count(), { timeout: 30_000 }).toBe(60);
  await page.getByRole("button", { name: "6 h" }).click();
  await expect.poll(() => rows.count(), { timeout: 30_000 }).toBe(360);
  await page.getByText("Handoffs a minute: all 360 minutes, the newest first").waitFor({ state: "attached" });
  await page.getByRole("button", { name: "24 h" }).click();
  await expect.poll(() => rows.count(), { timeout: 60_000 }).toBe(1_440);
  // The address carries it: loaded anew, or opened by a colleague, the page shows the same day.
  expect(new URL(page.url()).searchParams.get("range")).toBe("1440");
  await page.reload();
  await page.getByRole("button", { name: "24 h", pressed: true }).waitFor();
  await expect.poll(() => rows.count(), { timeout: 60_000 }).toBe(1_440);
  expect(console.complaints).toEqual([]);
});

it("leaves the focus on what was chosen in a row", async () => {
  const { console } = await startWithDeadLetters();
  const { page } = console;
  await console.open("/dead-letters?tab=list");
  const boxes = page.getByRole("checkbox");
  await boxes.first().focus();
  await page.keyboard.press("Space");
  await page.getByText("1 dead letter of this page chosen").waitFor();
  await boxes.first().and(page.locator(":checked:focus")).waitFor();
  expect(console.complaints).toEqual([]);
});

it("reads a chart's points by arrow keys", { timeout: LONG_MS }, async () => {
  const { console } = await startWithDeadLetters();
  const chart = console.page.getByRole("application", { name: /Handoffs a minute/ });
  const reading = console.page.getByText(/: accepted \d+, delivered/);
  // The page is still being drawn: a chart that is put in another's place has no point chosen.
  await expect
    .poll(
      async () => {
        await chart.press("End");
        return reading.count();
      },
      { timeout: 30_000 },
    )
    .toBe(1);
  await console.page.keyboard.press("ArrowLeft");
  expect(console.complaints).toEqual([]);
});
