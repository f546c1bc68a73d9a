/**
 * npm run screenshots: plays a quarter of an hour with an outage in it, in the simulator, and photographs the console
 * and the demo for docs/images. Real processes and real figures; nothing on a picture is made up. `-- demo`,
 * `-- states` and `-- outage` take a part of the pictures.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type BatonClient, createBatonClient } from "@baton/api";
import type { Page } from "playwright-core";
import { photographDemo } from "./demo-picture.ts";
import { CLIENTS, type Client, IMAGES, keyOf, openStage, photograph, ROOT, type Stage } from "./picture-stage.ts";
import { photographStates } from "./state-pictures.ts";
import { sendSome, startTraffic } from "./traffic.ts";

const WINDOW = { width: 1_280, height: 860 };
/** For what one sees after a look down the page. */
const TALL = { width: 1_280, height: 1_240 };
const TALLER = { width: 1_280, height: 1_500 };
const PHONE = { width: 390, height: 844 };
/** All goes well for so long, so that the charts have something to show; then CXone fails. Milliseconds. */
const WELL_MS = 600_000;
const OUTAGE_MS = 150_000;
/** How often CXone is as quick or as slow as it will be for a while. Milliseconds. */
const MOOD_MS = 20_000;
/** Contacts that CXone refuses, and handoffs that wait for its Retry-After while they are photographed. */
const [REFUSED, THROTTLED] = [9, 7] as const;
const THROTTLED_DEADLINE_MS = 60_000;

interface Scene extends Pick<Stage, "simulator" | "operator" | "page" | "url"> {
  /** The operator on call, with a key of her own. */
  readonly ana: BatonClient;
  readonly clients: readonly Client[];
}

await main(process.argv.slice(2));

/** main takes the pictures that are named, or all. */
async function main(named: readonly string[]): Promise<void> {
  mkdirSync(IMAGES, { recursive: true });
  const isAsked = (name: string) => named.length === 0 || named.includes(name);
  if (isAsked("demo")) await photographDemo(join(ROOT, "node_modules/.bin/baton"), join(IMAGES, "demo.svg"));
  if (isAsked("states")) await photographStates();
  if (isAsked("outage")) await photographQuarterHour();
}

async function photographQuarterHour(): Promise<void> {
  await using stage = await openStage(WINDOW);
  const clients = await stage.createClients();
  const { token } = await stage.operator.createAdminKey({ name: "Ana, on call", role: "admin" });
  await stage.signIn(token);
  await play({ ...stage, clients, ana: createBatonClient({ adminUrl: stage.url, adminKey: token }) });
}

async function play(stage: Scene): Promise<void> {
  const traffic = startTraffic(stage.clients);
  try {
    await goWell(stage);
    await fail(stage);
    await photographOutage(stage);
    await photographPhone(stage);
    await photographReplay(stage);
    await photographConnector(stage);
  } finally {
    await traffic[Symbol.asyncDispose]();
  }
}

/** goWell lets CXone be slower and quicker, and has an operator change a setting. */
async function goWell({ simulator, ana, clients, page }: Scene): Promise<void> {
  const until = performance.now() + WELL_MS;
  const change = setTimeout(() => void ana.patchConnector(clients[1]?.id ?? "", { name: CLIENTS[1] }), WELL_MS / 2);
  while (performance.now() < until) {
    simulator.settings({ latencyMs: 40 + Math.floor(120 * Math.random()) });
    await sleep(MOOD_MS);
  }
  clearTimeout(change);
  await page.locator("[data-headline]").getByText("All is well").waitFor();
  await showCharts(page);
  await photograph(page, "console-all-is-well");
}

/** fail has CXone refuse some contacts, fail for one client, and throttle another one at the end. */
async function fail({ simulator, clients }: Scene): Promise<void> {
  const [acme, blue, north] = clients;
  if (acme === undefined || blue === undefined || north === undefined) throw new Error("a client is missing");
  const refusal = simulator.answer({ status: 404, body: "contact not found", accessKeyId: keyOf(blue.name) });
  await sendSome(blue, REFUSED);
  await sleep(1_000);
  simulator.withdraw(refusal);
  simulator.answer({ status: 503, accessKeyId: keyOf(acme.name) });
  await sleep(OUTAGE_MS);
  simulator.answer({ status: 429, retryAfter: 20, accessKeyId: keyOf(north.name) });
  await sendSome(north, THROTTLED, THROTTLED_DEADLINE_MS);
  await sleep(3_000);
}

async function photographOutage({ ana, operator, page, url }: Scene): Promise<void> {
  await page.setViewportSize(TALL);
  await page.goto(`${url}/`);
  await page.getByText(/ left$/).waitFor();
  await showCharts(page);
  await photograph(page, "console-overview");
  await page.emulateMedia({ colorScheme: "dark" });
  await photograph(page, "console-overview-dark");
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(WINDOW);
  const queued = (await operator.handoffs({ status: "queued", limit: 100 })).items;
  const waiting = queued.find(({ attempts }) => attempts.length > 0) ?? queued[0];
  await page.goto(`${url}/handoffs/${waiting?.id}`);
  await page.getByText("What happened").waitFor();
  await photograph(page, "console-handoff");
  const [cause] = (await operator.causes()).items;
  await ana.patchCause(cause?.cause ?? "", { state: "acknowledged", note: "NICE case 4711: they say 15:00" });
  await page.goto(`${url}/dead-letters`);
  await page.getByText("NICE case 4711").waitFor();
  await photograph(page, "console-dead-letters");
}

async function photographPhone({ page, url }: Scene): Promise<void> {
  await page.setViewportSize(PHONE);
  await page.emulateMedia({ colorScheme: "dark" });
  await page.goto(`${url}/`);
  await page.locator("[data-headline]").waitFor();
  await photograph(page, "console-phone");
  await page.setViewportSize(WINDOW);
  await page.emulateMedia({ colorScheme: "light" });
}

/** photographReplay puts CXone right: the plan, five first, and all the others. */
async function photographReplay({ simulator, operator, clients, page, url }: Scene): Promise<void> {
  simulator.repair();
  for (const { id } of clients) await operator.resumeConnector(id);
  const [cause] = (await operator.causes()).items;
  await page.goto(`${url}/dead-letters/replay?cause=${cause?.cause}`);
  await page.getByRole("button", { name: "Make the plan" }).click();
  await page.getByText("How old they are").waitFor();
  await page.getByLabel("Why").fill("CXone is repaired, NICE case 4711");
  await page.getByLabel("How many a second").fill("8");
  await page.setViewportSize(TALLER);
  await page.evaluate("window.scrollTo(0, 0)");
  await photograph(page, "console-plan");
  await page.setViewportSize(WINDOW);
  await page.getByRole("button", { name: "Try 5 first" }).click();
  await page.getByText("Paused: the first ones have ended").waitFor();
  // Until what became of each is asked for once more.
  await sleep(3_000);
  await photograph(page, "console-run-paused");
  await page.getByRole("button", { name: "Resume" }).click();
  await sleep(5_000);
  await photograph(page, "console-run");
}

async function photographConnector({ clients, page, url }: Scene): Promise<void> {
  await page.setViewportSize(WINDOW);
  await page.goto(`${url}/connectors/${clients[0]?.id}?tab=explain&status=429&retryAfter=12&attempt=3&left=40`);
  await page.getByText("Throttled").waitFor();
  await photograph(page, "console-explain");
}

/** showCharts looks at the quarter of an hour that was played. */
async function showCharts(page: Page): Promise<void> {
  await page.getByRole("heading", { name: "Handoffs a minute" }).waitFor();
  await page.getByRole("button", { name: "15 min" }).click();
}
