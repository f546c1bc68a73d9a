/** Parts of the console that are loaded once they are wanted: while admin is gone, or is another version. */
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { startWithDeadLetters } from "./baton-with-dead-letters.ts";

const LONG_MS = 300_000;
/** The last of all parts. */
const LAST = "admin-keys-page";
/** The title of a page is there before the page. */
const IS_AUDIT = "Who did what, the newest first.";

/** untilAllPartsAreThere waits until what was not wanted yet is loaded, too. */
async function untilAllPartsAreThere(page: Page): Promise<void> {
  const names = () =>
    page.evaluate<readonly string[]>("performance.getEntriesByType('resource').map(({ name }) => name)");
  await expect.poll(async () => (await names()).join(" "), { timeout: 60_000 }).toContain(LAST);
  await page.waitForLoadState("networkidle");
}

it("opens pages that were not visited before while admin is gone", { timeout: LONG_MS }, async () => {
  const { console, admin } = await startWithDeadLetters();
  const { page } = console;
  await untilAllPartsAreThere(page);
  await admin.life.close();
  for (const name of ["Audit", "Dead letters", "Runs", "Connectors", "Keys"]) {
    await page.getByRole("link", { name, exact: true }).click();
    await page.getByRole("heading", { level: 1, name }).waitFor();
    await page.getByText("only this console is blind").first().waitFor();
  }
  await page.getByRole("button", { name: "Shortcuts" }).click();
  await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
});

it("says that a part does not come, asks for it again, and leaves the page as it is", {
  timeout: LONG_MS,
}, async () => {
  const { console, admin } = await startWithDeadLetters();
  const { page } = console;
  await page.route(/\/assets\/(audit-page|pause-dialog)/, (route) => route.abort());
  await console.open("/");
  await page.evaluate("window.isSamePage = true");
  await page.getByRole("button", { name: "Pause everything" }).click();
  await page.getByText("This part of the console could not be loaded").waitFor();
  // What else is on the page stays there.
  await page.locator("[data-headline]").getByText("3 dead letters").waitFor();
  await console.isSound({ failed: true });
  await page.getByRole("link", { name: "Audit", exact: true }).click();
  await page.getByText("This part of the console could not be loaded").waitFor();
  await console.isSound({ failed: true });
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await page.getByText(IS_AUDIT).waitFor();
  expect(page.url()).toBe(`${admin.url}/audit`);
  expect(await page.evaluate("window.isSamePage")).toBe(true);
});

it("says that admin serves another version, which has no such part", { timeout: LONG_MS }, async () => {
  const { console } = await startWithDeadLetters();
  const { page } = console;
  await page.route(/\/assets\/audit-page/, (route) => route.fulfill({ status: 404 }));
  await console.open("/dead-letters");
  await page.getByText("Look at one of them").waitFor();
  // The page of another build names another script.
  await page.route(/127\.0\.0\.1:\d+\/$/, (route) =>
    route.fulfill({ contentType: "text/html", body: "<html></html>" }),
  );
  await page.getByRole("link", { name: "Audit", exact: true }).click();
  await page.getByText("Admin serves another version of the console").waitFor();
  await console.isSound({ failed: true });
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await page.getByRole("button", { name: "Load the console anew" }).click();
  await page.getByText(IS_AUDIT).waitFor();
});
