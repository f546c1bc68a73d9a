/** What is typed stays while the session is over, and what writes is done once. */
import { expect, it } from "vitest";
import { startWithDeadLetters } from "./baton-with-dead-letters.ts";

const LONG_MS = 300_000;
const NOTE = "CXone is repaired, NICE case 4711";

it("keeps what was typed where the session ends in the midst of it", { timeout: LONG_MS }, async () => {
  const { console, operator, admin } = await startWithDeadLetters();
  const { page } = console;
  const signInAsBo = async () => {
    const { id, token } = await operator.createAdminKey({ name: "Bo, on call", role: "admin" });
    await page.getByRole("button", { name: "Sign out" }).click();
    await console.signIn(token);
    return id;
  };
  const bo = await signInAsBo();
  await page.getByRole("link", { name: "Dead letters", exact: true }).click();
  await page.getByRole("link", { name: "Replay many…" }).click();
  await page.getByRole("button", { name: "Make the plan" }).click();
  await page.getByLabel("Why").fill(NOTE);
  await operator.revokeAdminKey(bo);
  const replay = page.getByRole("button", { name: "Replay 3", exact: true });
  await replay.click();
  await page.getByRole("status").getByText("Your session is over").waitFor();
  await console.isSound();
  await console.signIn(admin.key);
  await expect.poll(() => page.getByLabel("Why").inputValue()).toBe(NOTE);
  await page.getByText("Your session was over, and nothing was done: press again.").waitFor();
  await console.isSound();
  await replay.click();
  await page.getByText("Why and who").waitFor();
  expect((await operator.runs("replay")).items).toMatchObject([{ note: NOTE }]);

  // In a dialog, too: the sign-in page is in front of it, and it has the focus again after that.
  const again = await signInAsBo();
  await page.getByRole("link", { name: "Overview", exact: true }).click();
  await page.getByRole("button", { name: "Pause everything" }).click();
  const dialog = page.getByRole("dialog", { name: "Pause everything" });
  await dialog.getByLabel("Why").fill(NOTE);
  await operator.revokeAdminKey(again);
  await page.getByRole("status").getByText("Your session is over").waitFor();
  await dialog.waitFor({ state: "hidden" });
  await console.isSound();
  await page.getByLabel("Admin key").fill(admin.key);
  await page.keyboard.press("Enter");
  await dialog.waitFor();
  await console.isSound();
  await expect.poll(() => dialog.getByLabel("Why").inputValue()).toBe(NOTE);
  await expect.poll(() => page.evaluate("document.activeElement?.closest('[role=dialog]') !== null")).toBe(true);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
});

it("says that what gets no answer may be done", { timeout: LONG_MS }, async () => {
  const { console, operator } = await startWithDeadLetters({ deadLetters: 1 });
  const { page } = console;
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  // Admin does it, and its answer does not come.
  await page.route("**/admin/v1/keys", async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    await route.fetch();
    await ended;
  });
  await console.open("/keys");
  await page.getByRole("button", { name: "New key…" }).click();
  await page.getByLabel("Whose").fill("Ana, on call");
  await page.getByRole("button", { name: "Make the key" }).click();
  await page.getByText("What was asked of it may be done: look before you press again.").waitFor();
  await console.isSound({ failed: true });
  expect((await operator.adminKeys()).items).toMatchObject([{ name: "Ana, on call" }]);
  end();
});
