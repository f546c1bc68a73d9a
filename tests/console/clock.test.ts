/** A browser whose clock is wrong: the pages go by Baton's. */
import { expect, it } from "vitest";
import { startWithDeadLetters } from "./baton-with-dead-letters.ts";

const LONG_MS = 300_000;
const MINUTE_MS = 60_000;

it.each([
  { isOff: "an hour behind", byMs: -60 * MINUTE_MS, says: "60 min behind Baton's" },
  { isOff: "an hour ahead", byMs: 60 * MINUTE_MS, says: "60 min ahead of Baton's" },
])("goes by Baton's clock where the browser's is $isOff", { timeout: LONG_MS }, async ({ byMs, says }) => {
  const { console, connector, operator } = await startWithDeadLetters();
  const { page } = console;
  await page.clock.setSystemTime(Date.now() + byMs);
  await console.open("/");
  await page.getByText(`This computer's clock is ${says}`).waitFor();
  await page.getByText(/^Updated \d s ago$/).waitFor();
  await page.getByText(/last (now|\d+ s ago|\d min ago)/).waitFor();
  await console.isSound();

  // It lasts as long as was chosen, and its list is that of the last hour.
  await console.open(`/connectors/${connector.id}`);
  await page.getByText(`This computer's clock is ${says}`).waitFor();
  await page.getByRole("button", { name: "Pause…" }).click();
  await page.getByLabel("For how long").selectOption("1 hour");
  const before = Date.now();
  await page.getByRole("button", { name: `Pause ${connector.name}` }).click();
  await page.getByRole("button", { name: "Resume" }).waitFor();
  const until = Date.parse((await operator.connector(connector.id)).pausedUntil ?? "");
  expect(until).toBeGreaterThan(before + 59 * MINUTE_MS);
  expect(until).toBeLessThan(Date.now() + 61 * MINUTE_MS);
  await console.open("/");
  await page.getByRole("link", { name: "3 in the last hour" }).click();
  await page.getByText("3 rows").waitFor();
});
