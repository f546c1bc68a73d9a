import { expect, it } from "vitest";
import { startWithDeadLetters } from "./baton-with-dead-letters.ts";

/** An address that refuses connections. */
const REFUSING = "http://127.0.0.1:9";

it("sets a connector up in three steps, verifies it before it takes calls, and makes its token", {
  timeout: 180_000,
}, async () => {
  const { console, simulator, operator, ingressUrl } = await startWithDeadLetters({ deadLetters: 0 });
  const { page } = console;
  await console.open("/connectors/new");
  await page.getByLabel("Name").fill("Blue Harbor Bank");
  await page.getByRole("button", { name: "Next: CXone" }).click();
  await page.getByText("send 1 to 128 ").first().waitFor();
  await console.isSound();
  await page.getByLabel("PolyAI account").fill("blue");
  await page.getByLabel("PolyAI project").fill("bank-line");
  await page.getByRole("button", { name: "Next: CXone" }).click();
  await page.getByText("No call reaches the connector before it has a token").waitFor();
  // Nothing listens there: what is wrong is put right where it was entered.
  await page.getByLabel("Issuer").fill(REFUSING);
  for (const label of ["Client id", "Client secret", "Access key id", "Access key secret"])
    await page.getByLabel(label, { exact: true }).fill(label.replaceAll(" ", "-"));
  await console.isSound();
  await page.getByRole("button", { name: "Create and verify" }).click();
  await page.getByText("Blue Harbor Bank is there").waitFor();
  await page.getByRole("img", { name: "not good" }).first().waitFor();
  await page.getByText("What to do: Nothing answers there").waitFor();
  await console.isSound();
  await page.getByLabel("Issuer").fill(simulator.url);
  await page.getByRole("button", { name: "Next: token" }).waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Save and verify" }).click();
  await page.getByText("What this does not prove").waitFor();
  await page.getByRole("button", { name: "Next: token" }).click();
  await page.getByRole("button", { name: "New token…" }).click();
  await page.getByRole("button", { name: "Make the token" }).click();
  await page.getByText("The new token, shown this once").waitFor();
  await console.isSound();
  const token = (await page.getByRole("status").locator("code").textContent()) ?? "";
  const answer = await fetch(`${ingressUrl}/v1/handoffs`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ contactId: "300000000002" }),
  });
  expect(answer.status).toBe(202);
  expect((await operator.connectors()).items.map(({ name }) => name)).toContain("Blue Harbor Bank");
});

it("pauses a connector until a moment, and lets it go on", async () => {
  const { console, connector, operator } = await startWithDeadLetters({ deadLetters: 0 });
  const { page } = console;
  await console.open(`/connectors/${connector.id}`);
  await page.getByRole("button", { name: "Pause…" }).click();
  await page.getByRole("textbox", { name: "Why" }).fill("planned maintenance");
  expect(await console.copy(page.getByRole("dialog").getByRole("button", { name: "Copy command" }))).toBe(
    `baton connectors pause ${connector.id} --until 30m --note 'planned maintenance'`,
  );
  await page.getByRole("button", { name: `Pause ${connector.name}` }).click();
  await page
    .getByText(/paused since .* until/)
    .first()
    .waitFor();
  expect(await operator.connector(connector.id)).toMatchObject({ paused: true, pausedUntil: expect.any(String) });
  await page.getByRole("button", { name: "Resume", exact: true }).click();
  await expect.poll(async () => (await operator.connector(connector.id)).paused, { timeout: 20_000 }).toBe(false);
});

it("changes settings, and says in words what is refused", async () => {
  const { console, connector, operator } = await startWithDeadLetters({ deadLetters: 0 });
  const { page } = console;
  await console.open(`/connectors/${connector.id}?tab=settings`);
  await page.getByLabel("Attempts at most").fill("0");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("alert").waitFor();
  await page.getByLabel("Attempts at most").fill("5");
  await page.getByRole("button", { name: "Save" }).click();
  await expect
    .poll(async () => (await operator.connector(connector.id)).delivery.maxAttempts, { timeout: 20_000 })
    .toBe(5);
});

it("verifies replaced credentials at once", { timeout: 180_000 }, async () => {
  const { console, connector } = await startWithDeadLetters({ deadLetters: 0 });
  const { page } = console;
  await console.open(`/connectors/${connector.id}?tab=settings`);
  await page.getByLabel("Client secret", { exact: true }).fill("another-secret");
  await page.getByRole("button", { name: "Replace credentials" }).click();
  await page.getByText("What this does not prove").waitFor();
  await expect.poll(() => page.getByLabel("Client secret", { exact: true }).inputValue()).toBe("");
  await console.isSound();
});

it("shows no number of a connector before it is known, then one that leads to its rows", async () => {
  const { console, connector } = await startWithDeadLetters({ deadLetters: 2 });
  const { page } = console;
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
  await page.route("**/admin/v1/overview*", async (route) => {
    await answered;
    await route.continue();
  });
  await console.open("/connectors");
  const row = page.getByRole("row").filter({ hasText: connector.name });
  const numbers = () => row.getByRole("cell").allTextContents();
  await row.waitFor();
  expect((await numbers()).slice(-2).map((text) => text.at(-1))).toEqual(["–", "–"]);
  answer();
  await row.getByRole("link", { name: "2", exact: true }).click();
  await page.getByText("Nothing chosen on this page").waitFor();
  expect(new URL(page.url()).search).toBe(`?tab=list&connectorId=${connector.id}`);
});

it("makes an admin key, shows it once, and revokes it", async () => {
  const { console, operator } = await startWithDeadLetters({ deadLetters: 0 });
  const { page } = console;
  await console.open("/keys");
  await page.getByRole("button", { name: "New key…" }).click();
  await page.getByLabel("Whose").fill("Ana, on call");
  await page.getByRole("button", { name: "Make the key" }).click();
  await page.getByText("The new key, shown this once").waitFor();
  await page.getByRole("button", { name: "Revoke the key of Ana, on call" }).click();
  await page.getByRole("button", { name: "Revoke", exact: true }).click();
  await page.getByText("No keys yet").waitFor();
  expect((await operator.adminKeys()).items).toEqual([]);
});

/** One more than a page has. */
const MANY = 201;

it("pages through more connectors than a page has", { timeout: 180_000 }, async () => {
  const { console, createConnector } = await startWithDeadLetters({ deadLetters: 0 });
  const { page } = console;
  await Promise.all(Array.from({ length: MANY - 1 }, () => createConnector()));
  await console.open("/connectors");
  await page.getByText("200 connectors").waitFor();
  await page.getByRole("link", { name: "More connectors" }).click();
  await page.getByText("1 connector", { exact: true }).waitFor();
  await console.isSound();
  await page.getByRole("link", { name: "First page" }).click();
  await page.getByText("200 connectors").waitFor();
  expect(console.complaints).toEqual([]);
});

it("says that settings are saved, until they are others", { timeout: 180_000 }, async () => {
  const { console, connector, operator } = await startWithDeadLetters({ deadLetters: 0 });
  const { page } = console;
  await console.open(`/connectors/${connector.id}?tab=settings`);
  const name = page.getByLabel("Name", { exact: true });
  await name.fill("Blue Harbor Bank");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("Saved", { exact: true }).waitFor();
  await console.isSound();
  expect((await operator.connector(connector.id)).name).toBe("Blue Harbor Bank");
  await name.fill("Blue Harbor");
  await page.getByText("Saved", { exact: true }).waitFor({ state: "detached" });
  expect(console.complaints).toEqual([]);
});

it("saves what was changed in its form, and leaves what another admin saved meanwhile", {
  timeout: 180_000,
}, async () => {
  const { console, connector, operator } = await startWithDeadLetters({ deadLetters: 0 });
  const { page } = console;
  await console.open(`/connectors/${connector.id}?tab=settings`);
  await page.getByLabel("Name", { exact: true }).fill("Blue Harbor Bank");
  await page.getByLabel("Deadline, seconds").fill("90");
  await operator.patchConnector(connector.id, { delivery: { maxAttempts: 3, rate: { perSecond: 7, burst: 9 } } });
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("Saved", { exact: true }).waitFor();
  const { name, delivery } = await operator.connector(connector.id);
  expect({ name, delivery }).toMatchObject({
    name: "Blue Harbor Bank",
    delivery: { deadlineMs: 90_000, maxAttempts: 3, rate: { perSecond: 7, burst: 9 } },
  });
});
