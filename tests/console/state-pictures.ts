/** Pictures of the states that a page can be in when it has no figures to show, or old ones; two minutes. */
import { setTimeout as sleep } from "node:timers/promises";
import { keyOf, openStage, photograph, photographNow, type Stage } from "./picture-stage.ts";
import { sendSome, startTraffic } from "./traffic.ts";

/** As much of a page as says what state it is in. */
const WINDOW = { width: 1_100, height: 560 };
/** A headline, the most urgent one, what fails and all connectors. */
const TALL = { width: 1_280, height: 800 };
/** Traffic for so long, so that there is something to show. Milliseconds. */
const WELL_MS = 30_000;
/** Callers that wait for the connector whose CXone does not answer, and for how long they do. */
const LATE = 12;
const LATE_DEADLINE_MS = 60_000;

export async function photographStates(): Promise<void> {
  await using stage = await openStage(WINDOW);
  const { token } = await stage.operator.createAdminKey({ name: "Ana, on call", role: "admin" });
  await stage.signIn(token);
  await stage.page.getByText("Set up the first connector").waitFor();
  await photograph(stage.page, "console-first-run");
  await photographLate(stage);
  await photographNoRows(stage);
  await photographRole(stage);
  await stage.signIn(token);
  await photographFull(stage);
  await photographGone(stage);
}

/** photographLate has CXone take one client's signals and never answer: its callers wait too long, no others do. */
async function photographLate({ simulator, operator, page, url, createClients }: Stage): Promise<void> {
  const clients = await createClients();
  const [acme] = clients;
  if (acme === undefined) throw new Error("a client is missing");
  // Its attempts take their time, as a policy that trusts CXone has it: the breaker learns late.
  await operator.patchConnector(acme.id, { delivery: { attemptTimeoutMs: 30_000 } });
  await using _traffic = startTraffic(clients);
  await sleep(WELL_MS);
  simulator.answer({ hang: true, accessKeyId: keyOf(acme.name) });
  await sendSome(acme, LATE, LATE_DEADLINE_MS);
  await page.setViewportSize(TALL);
  await page.goto(url);
  await page
    .locator("[data-headline]")
    .getByText(/wait too long/)
    .waitFor({ timeout: 2 * LATE_DEADLINE_MS });
  await photograph(page, "console-late");
  await page.setViewportSize(WINDOW);
  simulator.repair();
}

async function photographNoRows({ page, url }: Stage): Promise<void> {
  await page.goto(`${url}/handoffs?contactId=100000009999`);
  await page.getByText("No handoff matches").waitFor();
  await photograph(page, "console-nothing-matches");
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
  await page.route("**/admin/v1/handoffs*", async (route) => {
    await answered;
    await route.continue();
  });
  await page.goto(`${url}/handoffs`);
  await page.getByRole("status", { name: "Loading" }).waitFor();
  await photographNow(page, "console-loading");
  answer();
  await page.unrouteAll({ behavior: "ignoreErrors" });
}

/** photographRole signs a viewer in, and ends that session. */
async function photographRole({ operator, page, url, signIn }: Stage): Promise<void> {
  const { id, token } = await operator.createAdminKey({ name: "Cleo, listening", role: "viewer" });
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("Admin key").waitFor();
  await signIn(token);
  await page.goto(`${url}/dead-letters/replay`);
  await page.getByText("Your role does not allow this").waitFor();
  await photograph(page, "console-role-too-low");
  await page.goto(`${url}/audit`);
  await page.getByRole("table").waitFor();
  await operator.revokeAdminKey(id);
  await page.getByRole("status").getByText("Your session is over").waitFor();
  await photograph(page, "console-session-over");
}

/** photographFull leaves Redis less memory than it uses, for a moment. */
async function photographFull({ page, limitRedisMemory }: Stage): Promise<void> {
  const full = page.locator("[data-headline]").getByText("Redis is full");
  await limitRedisMemory(1);
  await full.waitFor();
  await photograph(page, "console-redis-full");
  await limitRedisMemory(0);
  await full.waitFor({ state: "detached" });
}

/** photographGone ends Redis, then everything of Baton. */
async function photographGone({ page, stopRedis, startRedis, stopBaton }: Stage): Promise<void> {
  const stale = page.locator("[data-stale]").first();
  await page.getByRole("application", { name: /Handoffs a minute/ }).waitFor();
  await stopRedis();
  await page.getByText("Redis cannot be reached").first().waitFor();
  await stale.waitFor();
  await photograph(page, "console-redis-gone");
  await startRedis();
  await page.getByText("Redis cannot be reached").first().waitFor({ state: "detached" });
  await stale.waitFor({ state: "detached" });
  await stopBaton();
  await page.getByText("Baton's admin process does not answer").first().waitFor();
  await stale.waitFor();
  await photograph(page, "console-admin-gone");
}
