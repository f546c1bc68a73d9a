/** Every dialog and every secret: sound in every look, closed by Escape, and the focus back where it came from. */
import type { Locator } from "playwright-core";
import { it } from "vitest";
import { startWithDeadLetters } from "./baton-with-dead-letters.ts";
import type { TestConsole } from "./console.ts";
import { isSoundInLooks } from "./looks.ts";

/** Each look of each dialog is judged in turn. Milliseconds. */
const LONG_MS = 600_000;

/** tryDialog opens a dialog by its button, judges it in every look, and closes it by the keyboard. */
async function tryDialog(console: TestConsole, opener: Locator, title: string | RegExp): Promise<void> {
  await opener.click();
  const dialog = console.page.getByRole("dialog", { name: title });
  await dialog.waitFor();
  await isSoundInLooks(console);
  await console.page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await opener.and(console.page.locator(":focus")).waitFor();
}

it("asks what to do with dead letters, with a handoff and with everything", { timeout: LONG_MS }, async () => {
  const { console, operator, send } = await startWithDeadLetters();
  const { page } = console;
  const button = (name: string) => page.getByRole("button", { name, exact: true });
  await tryDialog(console, button("Pause everything"), "Pause everything");
  await tryDialog(console, button("Shortcuts"), "Keyboard shortcuts");

  await console.open("/dead-letters");
  await tryDialog(console, button("State and note…"), "State and note");
  await console.open("/dead-letters?tab=list");
  // One between them is left out: no plan can name just these.
  for (const row of [0, 2]) await page.getByRole("checkbox").nth(row).check();
  await tryDialog(console, button("Replay 2 chosen…"), "Replay 2 dead letters");

  const [dead] = (await operator.deadLetters()).items;
  await console.open(`/handoffs/${dead?.id}`);
  await tryDialog(console, button("Replay…"), "Replay this dead letter");
  await tryDialog(console, button("Discard…"), "Discard this dead letter");
  const queued = await send({ delayMs: 60_000, deadlineMs: 600_000 });
  await console.open(`/handoffs/${queued.id}`);
  await tryDialog(console, button("Take back…"), "Take this handoff back");
});

it("asks what to do with a connector, and shows a token and a key once", { timeout: LONG_MS }, async () => {
  const { console, connector } = await startWithDeadLetters({ deadLetters: 0 });
  const { page } = console;
  const button = (name: string) => page.getByRole("button", { name, exact: true });
  await console.open(`/connectors/${connector.id}`);
  await tryDialog(console, button("Pause…"), `Pause ${connector.name}`);

  for (const { tab, one } of [
    { tab: "tokens", one: "token" },
    { tab: "screen-pop-keys", one: "screen-pop key" },
  ]) {
    await console.open(`/connectors/${connector.id}?tab=${tab}`);
    await tryDialog(console, button(`New ${one}…`), `New ${one}`);
    await button(`New ${one}…`).click();
    await button(`Make the ${one}`).click();
    await page.getByText(`The new ${one}, shown this once`).waitFor();
    await isSoundInLooks(console);
    const revoke = page.getByRole("button", { name: `Revoke ${one} ` }).first();
    await tryDialog(console, revoke, new RegExp(`^Revoke ${one} `));
  }

  await console.open("/keys");
  await tryDialog(console, button("New key…"), "New admin key");
  await button("New key…").click();
  await page.getByLabel("Whose").fill("Ana, on call");
  await button("Make the key").click();
  await page.getByText("The new key, shown this once").waitFor();
  await isSoundInLooks(console);
  await tryDialog(console, button("Revoke the key of Ana, on call"), "Revoke the key of Ana, on call");
});
