/** Every page in every state: axe's rules, the policy, 320 and 1280 pixels, light and dark. */
import { createBatonClient } from "@baton/api";
import { expect, it } from "vitest";
import { startBaton } from "../world/baton.ts";
import { startRedisServer } from "../world/redis-server.ts";
import { createWorld } from "../world/world.ts";
import { startWithDeadLetters } from "./baton-with-dead-letters.ts";
import { openConsole, type TestConsole } from "./console.ts";

/** Each look of each page is judged in turn. Milliseconds. */
const LONG_MS = 600_000;

/** Each width and each theme once: a state differs from its page by a sentence or two. */
const TWO_LOOKS = [
  { width: 320, colorScheme: "dark" },
  { width: 1_280, colorScheme: "light" },
] as const;
const EVERY_LOOK = [...TWO_LOOKS, { width: 320, colorScheme: "light" }, { width: 1_280, colorScheme: "dark" }] as const;

type Look = (typeof EVERY_LOOK)[number];

async function isSoundInLooks({ page, isSound }: TestConsole, looks: readonly Look[] = TWO_LOOKS): Promise<void> {
  for (const { width, colorScheme } of looks) {
    await page.setViewportSize({ width, height: 800 });
    await page.emulateMedia({ colorScheme });
    await isSound();
  }
}

it("is sound on every page while things fail", { timeout: LONG_MS }, async () => {
  const { console, connector, operator } = await startWithDeadLetters();
  await operator.createAdminKey({ name: "Ana, on call", role: "operator" });
  await operator.createToken(connector.id);
  const [dead] = (await operator.deadLetters()).items;
  const settled: readonly (readonly [path: string, shows: string])[] = [
    ["/", "Handoffs a minute"],
    ["/dead-letters", "Look at one of them"],
    ["/dead-letters?tab=list", "Nothing chosen on this page"],
    ["/dead-letters/replay", "Make the plan"],
    ["/dead-letters/discard", "Make the plan"],
    ["/handoffs", "rows"],
    [`/handoffs/${dead?.id}`, "Became a dead letter"],
    ["/connectors", connector.name],
    ["/connectors/new", "Whose calls"],
    [`/connectors/${connector.id}`, "What it is"],
    [`/connectors/${connector.id}?tab=settings`, "Replace credentials"],
    [`/connectors/${connector.id}?tab=tokens`, "New token"],
    [`/connectors/${connector.id}?tab=test`, "Send test signal"],
    [`/connectors/${connector.id}?tab=explain&status=503&retryAfter=12`, "It counts against the breaker"],
    ["/audit", "token.issue"],
    ["/keys", "Ana, on call"],
    ["/nowhere", "There is no such page"],
  ];
  for (const [path, shows] of settled) {
    await console.open(path);
    await console.page.getByText(shows).first().waitFor();
    await isSoundInLooks(console, EVERY_LOOK);
  }
});

it("says that all is well, and what to do first without a connector", { timeout: LONG_MS }, async () => {
  const world = await createWorld();
  const admin = await world.startAdmin();
  const console = await openConsole({ url: admin.url });
  await console.open("/");
  await console.signIn(admin.key);
  await console.page.getByText("Set up the first connector").waitFor();
  await isSoundInLooks(console);
  for (const [path, shows] of [
    ["/dead-letters", "No dead letters"],
    ["/handoffs", "No handoffs yet"],
    ["/connectors", "No connector yet"],
    ["/keys", "No keys yet"],
  ] as const) {
    await console.open(path);
    await console.page.getByText(shows).waitFor();
    await isSoundInLooks(console);
  }

  const baton = await startBaton({}, world.env);
  await baton.deliver();
  await console.open("/");
  await console.page.locator("[data-headline]").getByText("All is well: no handoff waits too long").waitFor();
  await isSoundInLooks(console);
});

it("says that nothing matches, and clears the filters with one click", { timeout: LONG_MS }, async () => {
  const { console, connector, operator } = await startWithDeadLetters();
  await operator.createToken(connector.id);
  for (const [path, shows] of [
    ["/dead-letters?tab=list&contactId=1", "No dead letter matches"],
    ["/handoffs?contactId=1", "No handoff matches"],
    ["/audit?id=unknown", "No entry matches"],
  ] as const) {
    await console.open(path);
    await console.page.getByText(shows).waitFor();
    await isSoundInLooks(console);
    await console.page.getByRole("button", { name: "Clear filters" }).last().click();
    await console.page.getByText(shows).waitFor({ state: "detached" });
    await console.page.getByRole("table").first().waitFor();
  }
});

it("shows that it is loading", { timeout: LONG_MS }, async () => {
  const { console } = await startWithDeadLetters();
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
  await console.page.route("**/admin/v1/keys*", async (route) => {
    await answered;
    await route.continue();
  });
  await console.open("/keys");
  await console.page.getByRole("status", { name: "Loading" }).waitFor();
  await isSoundInLooks(console);
  answer();
  await console.page.getByText("No keys yet").waitFor();
});

it("does not say that all is well before the causes are read, nor where they cannot be", {
  timeout: LONG_MS,
}, async () => {
  const { console } = await startWithDeadLetters({ deadLetters: 0 });
  const { page } = console;
  const { promise: cut, resolve: cutOff } = Promise.withResolvers<void>();
  await page.route("**/admin/v1/dead-letters/causes*", async (route) => {
    await cut;
    await route.abort();
  });
  await console.open("/");
  const headline = page.locator("[data-headline]");
  await headline.getByText("causes of dead letters are being read").waitFor();
  expect(await headline.textContent()).not.toContain("All is well");
  cutOff();
  await headline.getByText("causes of dead letters could not be read").waitFor();
  await page.getByRole("heading", { name: "Causes could not be read" }).waitFor();
  expect(await headline.textContent()).not.toContain("All is well");
  await isSoundInLooks({ ...console, isSound: () => console.isSound({ failed: true }) });
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await headline.getByText("All is well").waitFor();
});

it("keeps what was last known while admin is gone, and goes on once it is back", { timeout: LONG_MS }, async () => {
  const { console, admin, startAdmin } = await startWithDeadLetters();
  await console.page.locator("[data-headline]").waitFor();
  await admin.life.close();
  await console.page.getByText("Baton's admin process does not answer").waitFor();
  await console.page.locator("[data-stale]").first().waitFor();
  expect(await console.page.locator("[data-headline]").textContent()).toContain("dead letters");
  await isSoundInLooks({ ...console, isSound: () => console.isSound({ failed: true }) });

  await startAdmin({ BATON_ADMIN_PORT: new URL(admin.url).port });
  await expect
    .poll(() => console.page.getByText("Baton's admin process does not answer").count(), { timeout: 90_000 })
    .toBe(0);
  await console.page.locator("[data-stale]").waitFor({ state: "detached" });
});

it("says what it means that Redis is gone, and goes on once it is back", { timeout: LONG_MS }, async () => {
  const redis = await startRedisServer();
  const world = await createWorld({ BATON_REDIS_URL: redis.url });
  const admin = await world.startAdmin();
  await createBatonClient({ adminUrl: admin.url, adminKey: admin.key }).createAdminKey({ name: "Ana", role: "admin" });
  const console = await openConsole({ url: admin.url });
  await console.open("/keys");
  await console.signIn(admin.key);
  await console.page.getByRole("cell", { name: "Ana", exact: true }).waitFor();
  await redis.stop();
  await console.page.getByText("Redis cannot be reached").waitFor();
  expect(await console.page.getByRole("cell", { name: "Ana", exact: true }).count()).toBe(1);
  await isSoundInLooks(console);
  await redis.start();
  await console.page.getByText("Redis cannot be reached").waitFor({ state: "detached" });
});
