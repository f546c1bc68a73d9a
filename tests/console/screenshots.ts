/**
 * npm run screenshots: plays an outage in the simulator, for some minutes, and photographs the console for docs/images.
 * Real processes and real figures; nothing on a picture is made up.
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

const ROOT = join(import.meta.dirname, "../..");
const IMAGES = join(ROOT, "docs/images");
const WINDOW = { width: 1_280, height: 860 };
/** For what one sees after a look down the page. */
const TALL = { width: 1_280, height: 1_400 };
const PHONE = { width: 390, height: 844 };
/** How long all goes well first, so that the charts have something to show. Milliseconds. */
const WELL_MS = 120_000;
/** Between two handoffs of a client, on average. Milliseconds. */
const PACE_MS = 350;
const CLIENTS = ["Acme support line", "Blue Harbor Bank", "Northwind Travel", "Dune Insurance"] as const;

interface Client {
  readonly id: string;
  readonly name: string;
  readonly baton: BatonClient;
}

interface Stage {
  readonly simulator: Simulator;
  readonly operator: BatonClient;
  readonly clients: readonly Client[];
  readonly page: Page;
  readonly url: string;
}

const folder = mkdtempSync(join(tmpdir(), "baton-pictures-"));
const adminKey = `ba_${randomBytes(24).toString("hex")}`;
let contact = 100_000_000_000;

await main();

async function main(): Promise<void> {
  mkdirSync(IMAGES, { recursive: true });
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
    await playAndPhotograph({ simulator, operator, clients, page: await context.newPage(), url: urls.adminUrl });
  } finally {
    await browser.close();
    up.kill("SIGTERM");
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function playAndPhotograph(stage: Stage): Promise<void> {
  const { simulator, operator, clients, page, url } = stage;
  const { token } = await operator.createAdminKey({ name: "Ana, on call", role: "admin" });
  await page.goto(url);
  await photograph(page, "console-sign-in");
  await page.getByLabel("Admin key").fill(token);
  await page.getByRole("button", { name: "Sign in" }).click();
  await sendFor(clients, WELL_MS);
  await page.getByText("All is well").waitFor();
  await photograph(page, "console-all-is-well");

  const [acme, blue, north] = clients;
  if (acme === undefined || blue === undefined || north === undefined) throw new Error("a client is missing");
  simulator.answer({ status: 404, body: "contact not found", accessKeyId: keyOf(blue.name) });
  await send(blue, 9);
  simulator.answer({ status: 503, accessKeyId: keyOf(acme.name) });
  simulator.answer({ status: 429, retryAfter: 12, accessKeyId: keyOf(north.name) });
  await send(acme, 48, 6_000);
  await send(north, 7, 50_000);
  await sleep(7_000);
  await send(acme, 14, 25_000);
  await sleep(4_000);
  await page.setViewportSize({ ...WINDOW, height: 1_200 });
  await page.goto(`${url}/`);
  await page.getByText("Most urgent").waitFor();
  await page.getByRole("heading", { name: "Handoffs a minute" }).waitFor();
  await photograph(page, "console-overview");
  await page.emulateMedia({ colorScheme: "dark" });
  await photograph(page, "console-overview-dark");
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(WINDOW);
  await photographHandOver({ ...stage, ana: createBatonClient({ adminUrl: url, adminKey: token }) });
}

/** What follows: who waits, the causes, CXone put right, the plan and the run. */
async function photographHandOver(stage: Stage & { readonly ana: BatonClient }): Promise<void> {
  const { simulator, operator, ana, clients, page, url } = stage;
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
  await page.setViewportSize(PHONE);
  await page.emulateMedia({ colorScheme: "dark" });
  await page.goto(`${url}/`);
  await page.locator("[data-headline]").waitFor();
  await photograph(page, "console-phone");
  await page.setViewportSize(WINDOW);
  await page.emulateMedia({ colorScheme: "light" });

  simulator.repair();
  for (const { id } of clients) await operator.resumeConnector(id);
  await page.goto(`${url}/dead-letters/replay`);
  await page.getByLabel("Skip contacts that have ended").uncheck();
  await page.getByRole("button", { name: "Make the plan" }).click();
  await page.getByText("How old they are").waitFor();
  await page.getByLabel("Why").fill("CXone is repaired, NICE case 4711");
  await page.getByLabel("How many a second").fill("4");
  await page.setViewportSize(TALL);
  await page.evaluate("window.scrollTo(0, 0)");
  await photograph(page, "console-plan");
  await page.setViewportSize(WINDOW);
  await page.getByRole("button", { name: /^Replay \d+$/ }).click();
  await page.getByText("Why and who").waitFor();
  await sleep(6_000);
  await photograph(page, "console-run");
  await page.goto(`${url}/connectors/${clients[0]?.id}`);
  await page.getByRole("heading", { name: "Handoffs a minute" }).waitFor();
  await photograph(page, "console-connector");
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

async function send({ baton }: Client, count: number, deadlineMs = 60_000): Promise<void> {
  for (let sent = 0; sent < count; sent += 1) {
    contact += 1;
    // What is refused because no time is left is part of the story.
    await baton
      .send({ contactId: String(contact), params: { p1: "Escalate" }, deadlineMs })
      .catch((error: unknown) => process.stderr.write(`${String(error)}\n`));
  }
}

async function sendFor(clients: readonly Client[], ms: number): Promise<void> {
  const until = Date.now() + ms;
  while (Date.now() < until) {
    for (const client of clients) await send(client, 1 + Math.floor(3 * Math.random()));
    await sleep(PACE_MS * 2 * Math.random());
  }
}

async function untilReady(url: string): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    const ready = await fetch(`${url}/readyz`).catch(() => undefined);
    if (ready?.ok) return;
    await sleep(200);
  }
  throw new Error(`admin at ${url} does not become ready`);
}
