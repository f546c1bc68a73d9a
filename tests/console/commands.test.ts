/** The command line that each action shows does the same, and says the same. */
import { expect, it } from "vitest";
import { runInShell } from "../../apps/cli/testing/run-baton.ts";
import { startWithDeadLetters } from "./baton-with-dead-letters.ts";

const LONG_MS = 180_000;

it("shows the command of a plan, of a run's pause and of its rate", { timeout: LONG_MS }, async () => {
  const { console, admin, operator } = await startWithDeadLetters({ deadLetters: 6 });
  const { page } = console;
  const env = { BATON_ADMIN_URL: admin.url, BATON_ADMIN_KEY: admin.key };
  const copy = async (name: string) => {
    const command = await console.copy(page.getByRole("button", { name }));
    await page.getByText("Copied").waitFor({ state: "detached" });
    return command;
  };
  const [cause] = (await operator.causes()).items;
  await console.open(`/dead-letters/replay?cause=${cause?.cause}`);
  const plan = await copy("Copy plan's command");
  expect(plan).toBe(`baton replays start --cause ${cause?.cause} --skip-ended-contacts --dry-run`);
  expect(await runInShell(`${plan} --json`, { env })).toMatchObject({ code: 0 });

  await page.getByRole("button", { name: "Make the plan" }).click();
  await page.getByRole("link", { name: "6", exact: true }).first().waitFor();
  await page.getByLabel("Why").fill("to see how it goes");
  expect(await copy("Copy its command")).toMatch(
    /^baton replays start --plan pl_\w+ --rate 20 --note 'to see how it goes' --first 5$/,
  );
  await page.getByRole("button", { name: "Try 5 first" }).click();
  await page.getByText("Paused: the first ones have ended").waitFor();
  const [run] = (await operator.runs("replay")).items;
  await page.getByLabel("How many a second").fill("7");
  const rate = await copy("Copy rate command");
  expect(rate).toBe(`baton replays rate ${run?.id} 7`);
  expect(await runInShell(rate, { env })).toMatchObject({ code: 0 });
  expect(await operator.run("replay", run?.id ?? "")).toMatchObject({ ratePerSecond: 7 });
  expect(await copy("Copy its command")).toBe(`baton replays resume ${run?.id}`);
});

it("shows the commands that replay chosen dead letters, a line for each", { timeout: LONG_MS }, async () => {
  const { console, operator } = await startWithDeadLetters({ deadLetters: 3 });
  const { page } = console;
  const { items } = await operator.deadLetters();
  await console.open("/dead-letters?tab=list");
  // With one between them, no plan takes these two alone.
  for (const place of [0, 2]) await page.getByRole("checkbox").nth(place).check();
  await page.getByRole("button", { name: "Replay 2 chosen…" }).click();
  await page.getByRole("dialog").getByLabel("Why").fill("to try");
  const commands = await console.copy(page.getByRole("dialog").getByRole("button", { name: "Copy command" }));
  expect(commands.split("\n").toSorted()).toEqual(
    [items[0], items[2]].map((item) => `baton dead-letters replay ${item?.id} --note 'to try'`).toSorted(),
  );
});

it("shows the commands that end a pause, and that change a connector", { timeout: LONG_MS }, async () => {
  const { console, admin, connector, operator } = await startWithDeadLetters({ deadLetters: 0 });
  const { page } = console;
  const env = { BATON_ADMIN_URL: admin.url, BATON_ADMIN_KEY: admin.key };
  await operator.pauseConnector(connector.id);
  await console.open(`/connectors/${connector.id}`);
  const resume = await console.copy(page.getByRole("button", { name: "Copy its command" }));
  expect(resume).toBe(`baton connectors resume ${connector.id}`);

  await operator.pause();
  await console.open("/");
  const all = await console.copy(page.getByRole("button", { name: "Copy its command" }));
  expect(all).toBe("baton connectors resume --all");
  for (const command of [resume, all]) expect(await runInShell(command, { env })).toMatchObject({ code: 0 });
  expect((await operator.connector(connector.id)).paused).toBe(false);
  await expect.poll(async () => (await operator.overview()).paused, { timeout: 20_000 }).toBe(false);

  await console.open(`/connectors/${connector.id}?tab=settings`);
  await page.getByLabel("Name").fill("Ana's line");
  const change = await console.copy(page.getByRole("button", { name: "Copy settings command" }));
  expect(await runInShell(change, { env })).toMatchObject({ code: 0 });
  expect((await operator.connector(connector.id)).name).toBe("Ana's line");
});

it("says of a cause and of a bad step what to do, as the command line does", { timeout: LONG_MS }, async () => {
  const { console, admin, connector, simulator } = await startWithDeadLetters();
  const { page } = console;
  const env = { BATON_ADMIN_URL: admin.url, BATON_ADMIN_KEY: admin.key };
  await console.open("/dead-letters");
  const causes = page.getByRole("list", { name: "Causes" });
  const remedy = (await causes.getByText(/^What to do: /).textContent())?.replace("What to do: ", "");
  expect(remedy).toMatch(/A replay alone is refused again\.$/);
  const listed = await runInShell("baton dead-letters causes", { env });
  expect(listed.stderr.replaceAll("`", "")).toContain(remedy);

  simulator.answer({ on: "token", status: 401, body: { error: "invalid_client" } });
  await console.open(`/connectors/${connector.id}?tab=test`);
  await page.getByRole("button", { name: "Verify", exact: true }).click();
  const step = (await page.getByText(/^What to do: /).textContent()) ?? "";
  expect(step).toMatch(/clientSecret|accessKeySecret/);
  const verified = await runInShell(`baton connectors verify ${connector.id}`, { env });
  expect(verified.stdout).toContain(step);
  await console.isSound();
});
