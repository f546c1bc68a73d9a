/** Every page as it shows what there is: axe's rules, the policy, 320 and 1280 pixels, light and dark. */
import { expect, it } from "vitest";
import { startBaton } from "../world/baton.ts";
import { createWorld } from "../world/world.ts";
import { REFUSED, startWithDeadLetters } from "./baton-with-dead-letters.ts";
import { openConsole } from "./console.ts";
import { EVERY_LOOK, isSoundInLooks } from "./looks.ts";
import { listPages } from "./pages.ts";

/** Each look of each page is judged in turn. Milliseconds. */
const LONG_MS = 600_000;
/** Admin that starts again beside other tests, and a page that asks again then. Milliseconds. */
const BACK_MS = 90_000;

it("is sound on every page while things fail", { timeout: LONG_MS }, async () => {
  const { console, connector, operator } = await startWithDeadLetters();
  for (const { path, shows } of await listPages({ connector, operator })) {
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
    ["/dead-letters?tab=list", "No dead letters"],
    ["/handoffs", "No handoffs yet"],
    ["/runs", "No replays yet"],
    ["/runs?kind=discard", "No discards yet"],
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
  for (const [path, shows, then] of [
    ["/dead-letters?state=ignored", "No cause matches", "Look at one of them"],
    ["/dead-letters?tab=list&contactId=1", "No dead letter matches", "Nothing chosen on this page"],
    ["/handoffs?contactId=1", "No handoff matches", REFUSED],
    ["/audit?id=unknown", "No entry matches", "token.issue"],
  ] as const) {
    await console.open(path);
    await console.page.getByText(shows).waitFor();
    await isSoundInLooks(console);
    await console.page.getByRole("button", { name: "Clear filters" }).last().click();
    await console.page.getByText(shows).waitFor({ state: "detached" });
    await console.page.getByText(then).first().waitFor();
  }
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
  // The charts come last: what is asked of admin before that would not come at all.
  await console.page.getByRole("application", { name: /Handoffs a minute/ }).waitFor();
  await admin.life.close();
  // The charts say it, too, a moment later.
  const trouble = console.page.getByText("Baton's admin process does not answer").first();
  await trouble.waitFor();
  await console.page.locator("[data-stale]").first().waitFor();
  await console.page.locator("[data-headline]").getByText("3 dead letters").waitFor();
  await isSoundInLooks({ ...console, isSound: () => console.isSound({ failed: true }) });

  await startAdmin({ BATON_ADMIN_PORT: new URL(admin.url).port });
  await trouble.waitFor({ state: "detached", timeout: BACK_MS });
  await console.page.locator("[data-stale]").first().waitFor({ state: "detached", timeout: BACK_MS });
});
