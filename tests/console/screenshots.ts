/**
 * npm run screenshots: plays a quarter of an hour with an outage in it, in the simulator, and photographs the console
 * and the demo for docs/images. Real processes and real figures; nothing on a picture is made up.
 */
import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type BatonClient, createBatonClient } from "@baton/api";
import { type Simulator, startSimulator } from "@baton/simulator";
import getPort from "get-port";
import { chromium, type Page } from "playwright-core";
import { photographDemo } from "./demo-picture.ts";
import { sendSome, startTraffic } from "./traffic.ts";

const ROOT = join(import.meta.dirname, "../..");
const IMAGES = join(ROOT, "docs/images");
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
const CLIENTS = ["Acme support line", "Blue Harbor Bank", "Northwind Travel", "Dune Insurance"] as const;

interface Client {
  readonly id: string;
  readonly name: string;
  readonly baton: BatonClient;
}

interface Stage {
  readonly simulator: Simulator;
  readonly operator: BatonClient;
  /** The operator on call, with a key of her own. */
  readonly ana: BatonClient;
  readonly clients: readonly Client[];
  readonly page: Page;
  readonly url: string;
}

const folder = mkdtempSync(join(tmpdir(), "baton-pictures-"));
const adminKey = `ba_${randomBytes(24).toString("hex")}`;

await main();

async function main(): Promise<void> {
  mkdirSync(IMAGES, { recursive: true });
  await photographDemo(join(ROOT, "node_modules/.bin/baton"), join(IMAGES, "demo.svg"));
  const simulator = await startSimulator({ settings: { latencyMs: 60 } });
  const [ingress = 0, admin = 0, worker = 0] = [await getPort(), await getPort(), await getPort()];
  const up = spawn(join(ROOT, "node_modules/.bin/baton"), ["up", "--data", folder], {
    env: {
      ...process.env,
      BATON_INGRESS_PORT: String(ingress),
      BATON_ADMIN_PORT: String(admin),
      BATON_WORKER_PORT: String(worker),
      BATON_ADMIN_KEY: adminKey,
      BATON_ALLOWED_HOSTS: "http://127.0.0.1:*",
    },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const executablePath = execFileSync("sh", ["-c", "command -v chromium"], { encoding: "utf8" }).trim();
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  try {
    const urls = { ingressUrl: `http://127.0.0.1:${ingress}`, adminUrl: `http://127.0.0.1:${admin}` };
    const operator = createBatonClient({ ...urls, adminKey });
    await untilReady(urls.adminUrl);
    const clients = await Promise.all(CLIENTS.map((name) => createClient({ name, operator, simulator, ...urls })));
    const context = await browser.newContext({ viewport: WINDOW, reducedMotion: "reduce", colorScheme: "light" });
    await play({ simulator, operator, clients, page: await context.newPage(), url: urls.adminUrl });
  } finally {
    await browser.close();
    up.kill("SIGTERM");
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function play(parts: Omit<Stage, "ana">): Promise<void> {
  const { operator, clients, page, url } = parts;
  const { token } = await operator.createAdminKey({ name: "Ana, on call", role: "admin" });
  const stage: Stage = { ...parts, ana: createBatonClient({ adminUrl: url, adminKey: token }) };
  await page.goto(url);
  await page.getByLabel("Admin key").fill(token);
  await page.getByRole("button", { name: "Sign in" }).click();
  const traffic = startTraffic(clients);
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
async function goWell({ simulator, ana, clients, page }: Stage): Promise<void> {
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
async function fail({ simulator, clients }: Stage): Promise<void> {
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

async function photographOutage({ ana, operator, page, url }: Stage): Promise<void> {
  await page.setViewportSize(TALL);
  await page.goto(`${url}/`);
  await page.getByText("Most urgent").waitFor();
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

async function photographPhone({ page, url }: Stage): Promise<void> {
  await page.setViewportSize(PHONE);
  await page.emulateMedia({ colorScheme: "dark" });
  await page.goto(`${url}/`);
  await page.locator("[data-headline]").waitFor();
  await photograph(page, "console-phone");
  await page.setViewportSize(WINDOW);
  await page.emulateMedia({ colorScheme: "light" });
}

/** photographReplay puts CXone right: the plan, five first, and all the others. */
async function photographReplay({ simulator, operator, clients, page, url }: Stage): Promise<void> {
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
  await page.getByRole("button", { name: "Resume", exact: true }).click();
  await sleep(5_000);
  await photograph(page, "console-run");
}

async function photographConnector({ clients, page, url }: Stage): Promise<void> {
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

async function photograph(page: Page, name: string): Promise<void> {
  // Fonts and charts come after the first answer.
  await page.waitForLoadState("networkidle").catch(() => undefined);
  await sleep(1_000);
  await page.screenshot({ path: join(IMAGES, `${name}.png`) });
  process.stderr.write(`docs/images/${name}.png\n`);
}
function keyOf(name: string): string {
  return `${name.split(" ")[0]?.toUpperCase()}====`;
}

interface NewClient {
  readonly name: (typeof CLIENTS)[number];
  readonly operator: BatonClient;
  readonly simulator: Simulator;
  readonly ingressUrl: string;
}

async function createClient({ name, operator, simulator, ingressUrl }: NewClient): Promise<Client> {
  const { id } = await operator.createConnector({
    name,
    accountId: name.split(" ")[0]?.toLowerCase() ?? "",
    projectId: "voice-agent",
    businessUnit: String(4_595_870 + CLIENTS.indexOf(name)),
    cxone: { issuer: simulator.url },
    credentials: { clientId: "baton", clientSecret: "secret", accessKeyId: keyOf(name), accessKeySecret: "secret" },
    delivery: { rate: { perSecond: 50, burst: 60 } },
  });
  const { token } = await operator.createToken(id);
  return { id, name, baton: createBatonClient({ ingressUrl, token }) };
}

async function untilReady(url: string): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    const ready = await fetch(`${url}/readyz`).catch(() => undefined);
    if (ready?.ok) return;
    await sleep(200);
  }
  throw new Error(`admin at ${url} does not become ready`);
}
