import { expect, it } from "vitest";
import { startTrouble } from "./trouble.ts";

it("tells what happened to a handoff in words, and replays it", async () => {
  const { console, operator, simulator } = await startTrouble({ deadLetters: 1 });
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
  await page.getByText("BATON_ADMIN_KEY put it back in line.").waitFor();
  await page.getByText("CXone is repaired").waitFor();
  expect(await page.getByRole("button", { name: "Replay…" }).count()).toBe(0);
  expect(console.complaints).toEqual([]);
});

it("hands a cause over with a state and a note", async () => {
  const { console, operator } = await startTrouble();
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
  await page.getByText("All is well").waitFor();
});
