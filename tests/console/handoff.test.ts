import { expect, it } from "vitest";
import { HOST } from "../world/browser.ts";
import { startWithDeadLetters } from "./baton-with-dead-letters.ts";
import { openConsole } from "./console.ts";

it("shows what happened to a handoff in words, and replays it", async () => {
  const { console, operator, simulator } = await startWithDeadLetters({ deadLetters: 1 });
  const { page } = console;
  const [dead] = (await operator.deadLetters()).items;
  await console.open(`/handoffs/${dead?.id}`);
  await page.getByText("Became a dead letter: CXone refused the contact or the parameters.").waitFor();
  await page.getByText(/Attempt 1: CXone refused this contact or its parameters \(404/).waitFor();
  simulator.repair();
  await page.getByRole("button", { name: "Replay…" }).click();
  await page.getByRole("dialog", { name: "Replay this dead letter" }).waitFor();
  await console.isSound();
  await page.getByRole("textbox", { name: "Why" }).fill("CXone is repaired");
  await page.getByRole("button", { name: "Replay", exact: true }).click();
  await page.getByText("Delivered.").waitFor();
  await page.getByText("BATON_ADMIN_KEY replayed it.").waitFor();
  await page.getByText("CXone is repaired").waitFor();
  await page.getByRole("button", { name: "Replay…" }).waitFor({ state: "detached" });
  expect(console.complaints).toEqual([]);
});

it("says for how long CXone asked to wait, and what the sender was answered", async () => {
  const { console, simulator, raw } = await startWithDeadLetters({ deadLetters: 0 });
  const { page } = console;
  simulator.answer({ status: 429, retryAfter: 2, times: 1 });
  const { json } = await raw({ body: { contactId: "300000000010" }, headers: { prefer: "wait=20" } });
  await console.open(`/handoffs/${json.id}`);
  await page.getByText(/Attempt 1: CXone asked to wait 2\.0 s \(429/).waitFor();
  await page.getByText(/^Its sender waited .*, then was answered 200: how it ended\.$/).waitFor();
  await console.isSound();
});

it("gives a cause a state and a note", async () => {
  const { console, operator, die } = await startWithDeadLetters();
  const { page } = console;
  await console.open("/dead-letters");
  await page.getByRole("button", { name: "State and note…" }).click();
  await page.getByRole("textbox", { name: "Note" }).fill("NICE case 4711");
  await console.isSound();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("BATON_ADMIN_KEY: NICE case 4711").waitFor();
  const [cause] = (await operator.causes()).items;
  expect(cause).toMatchObject({ state: "acknowledged", note: "NICE case 4711" });
  await console.open("/");
  await page.locator("[data-headline]").getByText("All is well").waitFor();

  // It was empty, and is there again: both pages say so.
  for (const { id } of (await operator.deadLetters()).items) await operator.discard(id);
  await die(1);
  await page.getByText("What fails").waitFor();
  await page.getByText(/came back/).waitFor();
  await console.open("/dead-letters");
  await page.getByText(/came back/).waitFor();
  await console.isSound();
});

it("says why a handoff waits, and what follows on CXone's next answer", async () => {
  const { console, connector, send } = await startWithDeadLetters({ deadLetters: 0 });
  const { page } = console;
  const { id } = await send({ contactId: "300000000009", delayMs: 60_000, deadlineMs: 600_000 });
  await console.open(`/handoffs/${id}`);
  await page.getByText(/^Waits for .*\. Next try .*, 10 min before the deadline\.$/).waitFor();
  await page.getByRole("link", { name: "What follows on CXone's next answer?" }).click();
  await page.getByText("CXone says that it is not available now.").waitFor();
  await page.getByText(/It is tried again in .*; 9 of 10 attempts are left/).waitFor();

  await page.getByLabel("Status").fill("404");
  await page.getByRole("button", { name: "Explain" }).click();
  await page.getByText(/It is dead, rejected/).waitFor();
  await page.getByLabel("What happens").selectOption("timeout");
  await page.getByLabel("Seconds left").fill("0");
  await page.getByRole("button", { name: "Explain" }).click();
  await page.getByText(/It is dead, expired/).waitFor();
  await console.isSound();

  // What is no question is refused in words, and the address of a question asks it.
  await page.getByLabel("Which attempt").fill("0");
  await page.getByRole("button", { name: "Explain" }).click();
  await page.getByRole("alert").waitFor();
  await console.open(`/connectors/${connector.id}?tab=explain&status=429&retryAfter=12`);
  await page.getByText(/sends nothing for 12 s/).waitFor();
  expect(console.complaints).toEqual([]);
});

it("copies over plain http and under any name, on a page and in a dialog", async () => {
  const { admin, operator } = await startWithDeadLetters({ deadLetters: 1 });
  const [deadLetter] = (await operator.deadLetters()).items;
  const console = await openConsole({ url: admin.url.replace("127.0.0.1", HOST) });
  const { page } = console;
  await console.open(`/handoffs/${deadLetter?.id}`);
  await console.signIn(admin.key);
  await page.getByRole("button", { name: "Copy command" }).click();
  await page.getByText("Copied").waitFor();
  await page.getByRole("button", { name: "Replay…" }).click();
  const why = page.getByRole("textbox", { name: "Why" });
  const expectPasted = async (text: string) => {
    await why.fill("");
    await page.keyboard.press("Control+V");
    await expect.poll(() => why.inputValue()).toBe(text);
  };
  await expectPasted(`baton why ${deadLetter?.id}`);
  await page.getByRole("dialog").getByRole("button", { name: "Copy command" }).click();
  await page.getByRole("dialog").getByText("Copied").waitFor();
  await expectPasted(`baton dead-letters replay ${deadLetter?.id} --note 'baton why ${deadLetter?.id}'`);
  expect(console.complaints).toEqual([]);
});
