/** Names as people write them, however long: they leave the other columns where one sees them. */
import { expect, it } from "vitest";
import { startWithDeadLetters } from "./baton-with-dead-letters.ts";
import { isSoundInLooks } from "./looks.ts";

const LONG_MS = 300_000;
/** As long as a name may be, and without a place to break it. */
const LONG = `${"W".repeat(80)}-support-line-of-Acme`.slice(0, 100);
/** By how many pixels a table is wider than what one sees of it, but for those for screen readers; in the browser. */
const HIDDEN = `Math.max(...[...document.querySelectorAll("table")].map(({ parentElement: frame }) => frame)
  .filter((frame) => frame.clientWidth > 1).map((frame) => frame.scrollWidth - frame.clientWidth))`;

it("shows every column beside a name that is as long as may be", { timeout: LONG_MS }, async () => {
  const { console, connector, operator } = await startWithDeadLetters();
  const { page } = console;
  await operator.patchConnector(connector.id, { name: LONG });
  await operator.pauseConnector(connector.id, { note: LONG });
  const { id } = await operator.createAdminKey({ name: LONG, role: "viewer" });
  for (const [path, shows] of [
    ["/", "Deadline used"],
    ["/connectors", LONG],
    ["/dead-letters?tab=list", LONG],
    ["/handoffs", LONG],
    ["/audit", "connector.pause"],
    ["/keys", id],
  ] as const) {
    await console.open(path);
    await page.getByText(shows).filter({ visible: true }).first().waitFor();
    for (const width of [1_280, 768]) {
      await page.setViewportSize({ width, height: 800 });
      await expect.poll(() => page.evaluate<number>(HIDDEN), { message: `${path} at ${width} pixels` }).toBe(0);
    }
    await isSoundInLooks(console);
    await page.setViewportSize({ width: 1_280, height: 800 });
  }
});

it("shows what is current and how much is used also in forced colours", { timeout: LONG_MS }, async () => {
  const { console } = await startWithDeadLetters();
  const { page } = console;
  await page.emulateMedia({ forcedColors: "active" });
  await page.getByRole("progressbar").first().waitFor();
  const styleOf = (selector: string, name: string) =>
    page.evaluate<string>(`getComputedStyle(document.querySelector("${selector}")).${name}`);
  expect(await styleOf("nav a[aria-current]", "backgroundColor")).not.toBe(
    await styleOf("nav a:not([aria-current])", "backgroundColor"),
  );
  expect(await styleOf("progress", "forcedColorAdjust")).toBe("none");
});
