/** What is pressed twice acts once, and the focus stays near what had it. */
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { startWithDeadLetters } from "./baton-with-dead-letters.ts";

const LONG_MS = 300_000;

/** focused waits until the focus is on something, and says on what. */
async function focused(page: Page): Promise<string> {
  const read = () => page.evaluate<string>("document.activeElement?.textContent ?? ''");
  await expect.poll(() => page.evaluate("document.activeElement !== document.body"), { timeout: 30_000 }).toBe(true);
  return read();
}

it("does not let the second click of a double-click press what took the button's place", {
  timeout: LONG_MS,
}, async () => {
  const { console, operator } = await startWithDeadLetters();
  const { page } = console;
  const { id } = await operator.startRun("replay", { all: true, note: "slow", ratePerSecond: 1 });
  await operator.pause();
  await console.open(`/runs/replay/${id}`);
  const pause = page.getByRole("button", { name: "Pause", exact: true });
  const resume = page.getByRole("button", { name: "Resume", exact: true });
  const place = await pause.boundingBox();
  const [x, y] = [(place?.x ?? 0) + 10, (place?.y ?? 0) + 10];
  await page.mouse.click(x, y);
  await resume.waitFor();
  // The second click of the pair comes once Resume stands there.
  await page.mouse.down({ clickCount: 2 });
  await page.mouse.up({ clickCount: 2 });
  // It is paused as before: pressed once more, it goes on.
  await resume.click();
  await pause.waitFor();
  const { items } = await operator.audit({ id });
  expect(items.map(({ action }) => action)).toEqual(["replays.resume", "replays.pause", "replays.start"]);
  expect(console.complaints).toEqual([]);
});

it("acts once while a key is held down, and leaves the focus on the button", { timeout: LONG_MS }, async () => {
  const { console, operator } = await startWithDeadLetters();
  const { page } = console;
  const { id } = await operator.startRun("replay", { all: true, note: "slow", ratePerSecond: 1 });
  await operator.pause();
  await console.open(`/runs/replay/${id}`);
  await page.getByRole("button", { name: "Pause", exact: true }).focus();
  await page.keyboard.down("Enter");
  await page.getByRole("button", { name: "Resume", exact: true }).waitFor();
  // Down again without an up between is what a keyboard sends for a key that is held.
  for (let repeats = 0; repeats < 5; repeats += 1) await page.keyboard.down("Enter");
  await page.keyboard.up("Enter");
  await page.getByRole("button", { name: "Resume", exact: true }).and(page.locator(":focus")).waitFor();
  const { items } = await operator.audit({ id });
  expect(items.map(({ action }) => action)).toEqual(["replays.pause", "replays.start"]);
});

it("keeps the focus where a button stood that is gone", { timeout: LONG_MS }, async () => {
  const { console, operator, die } = await startWithDeadLetters({ deadLetters: 2 });
  const { page } = console;
  await console.open("/dead-letters?tab=list");
  await page.getByText("2 rows").waitFor();
  await die(1);
  await page.getByRole("button", { name: "1 new · show" }).focus();
  await page.keyboard.press("Enter");
  await page.getByText("3 rows").waitFor();
  await focused(page);
  // On goes the Tab key, to the first row.
  await page.keyboard.press("Tab");
  await page.getByRole("checkbox").first().and(page.locator(":focus")).waitFor();

  // A dialog whose button is another one afterwards.
  await page.getByRole("link", { name: "Overview", exact: true }).click();
  await page.getByRole("button", { name: "Pause everything" }).focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Pause everything" });
  await dialog.getByLabel("Why").fill("to look at it");
  await page.keyboard.press("Enter");
  await dialog.waitFor({ state: "detached" });
  const resume = page.getByRole("button", { name: "Resume everything" });
  await resume.waitFor();
  expect(await focused(page)).toContain("Resume everything");
  await page.keyboard.press("Tab");
  await resume.and(page.locator(":focus")).waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Pause everything" }).waitFor();
  await focused(page);

  // A handoff that cannot be taken back any more.
  const [dead] = (await operator.deadLetters()).items;
  await console.open(`/handoffs/${dead?.id}`);
  await page.getByRole("button", { name: "Discard…" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").getByLabel("Why").fill("a test call");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Discard…" }).waitFor({ state: "detached" });
  await focused(page);
  expect(console.complaints).toEqual([]);
});
