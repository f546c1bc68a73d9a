/** A whole Baton on a Redis of its own, and a browser that looks at it, for pictures. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type BatonClient, createBatonClient } from "@baton/api";
import { type Simulator, startSimulator } from "@baton/simulator";
import getPort from "get-port";
import { Redis } from "ioredis";
import { type Browser, chromium, type Page, type ViewportSize } from "playwright-core";

export const ROOT = join(import.meta.dirname, "../..");
export const IMAGES = join(ROOT, "docs/images");
export const CLIENTS = ["Acme support line", "Blue Harbor Bank", "Northwind Travel", "Dune Insurance"] as const;
/** CXone is as quick as that in a good hour. Milliseconds. */
const LATENCY_MS = 60;

export interface Client {
  readonly id: string;
  readonly name: string;
  readonly baton: BatonClient;
}

/** Stage ends with all that it started. */
export interface Stage extends AsyncDisposable {
  readonly simulator: Simulator;
  readonly operator: BatonClient;
  readonly page: Page;
  readonly url: string;
  /** Makes the connectors of CLIENTS. */
  createClients(): Promise<readonly Client[]>;
  /** Signs in on the overview. */
  signIn(key: string): Promise<void>;
  /** Gives Redis so much memory, 0 for all that there is; with less than it uses it is full. */
  limitRedisMemory(bytes: number): Promise<void>;
  /** Ends Redis, and starts it again with what it kept. */
  stopRedis(): Promise<void>;
  startRedis(): Promise<void>;
  /** Ends ingress, worker and admin as a crash does, all at the same moment. */
  stopBaton(): Promise<void>;
}

/** openStage starts everything; there is no connector yet. */
export async function openStage(viewport: ViewportSize): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), "baton-pictures-"));
  const adminKey = `ba_${randomBytes(24).toString("hex")}`;
  const simulator = await startSimulator({ settings: { latencyMs: LATENCY_MS } });
  const [redisPort, ingress, admin, worker] = [await getPort(), await getPort(), await getPort(), await getPort()];
  let redis = startRedis(redisPort, folder);
  const up = startBaton(folder, {
    BATON_REDIS_URL: `redis://127.0.0.1:${redisPort}`,
    BATON_INGRESS_PORT: String(ingress),
    BATON_ADMIN_PORT: String(admin),
    BATON_WORKER_PORT: String(worker),
    BATON_ADMIN_KEY: adminKey,
    BATON_ALLOWED_HOSTS: "http://127.0.0.1:*",
  });
  const browser = await openBrowser();
  const context = await browser.newContext({ viewport, reducedMotion: "reduce", colorScheme: "light" });
  const urls = { ingressUrl: `http://127.0.0.1:${ingress}`, adminUrl: `http://127.0.0.1:${admin}` };
  const operator = createBatonClient({ ...urls, adminKey });
  const page = await context.newPage();
  await untilReady(urls.adminUrl);
  return {
    simulator,
    operator,
    page,
    url: urls.adminUrl,
    createClients: () => Promise.all(CLIENTS.map((name) => createClient({ name, operator, simulator, ...urls }))),
    async signIn(key) {
      await page.goto(urls.adminUrl);
      await page.getByLabel("Admin key").fill(key);
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByRole("navigation", { name: "Pages" }).waitFor();
    },
    async limitRedisMemory(bytes) {
      const connection = new Redis(redisPort, "127.0.0.1");
      await connection.config("SET", "maxmemory", bytes);
      connection.disconnect();
    },
    stopRedis: () => end(redis, "SIGTERM"),
    startRedis: async () => {
      redis = startRedis(redisPort, folder);
    },
    stopBaton: () => end(up, "SIGKILL"),
    async [Symbol.asyncDispose]() {
      await browser.close();
      await end(up, "SIGTERM");
      await end(redis, "SIGTERM");
      await simulator.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function startRedis(port: number, folder: string): ChildProcess {
  const options = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--appendonly", "yes", "--save", ""];
  return spawn("redis-server", options, { stdio: ["ignore", "ignore", "inherit"] });
}

function startBaton(folder: string, env: Readonly<Record<string, string>>): ChildProcess {
  return spawn(join(ROOT, "node_modules/.bin/baton"), ["up", "--data", folder], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "inherit"],
  });
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill(signal);
  await exited;
}

function openBrowser(): Promise<Browser> {
  const executablePath = execFileSync("sh", ["-c", "command -v chromium"], { encoding: "utf8" }).trim();
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
}

/** photograph takes the window once what comes last is there: fonts and charts. */
export async function photograph(page: Page, name: string): Promise<void> {
  await page.waitForLoadState("networkidle").catch(() => undefined);
  await sleep(1_000);
  await photographNow(page, name);
}

/** photographNow takes the window as it is. */
export async function photographNow(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(IMAGES, `${name}.png`) });
  process.stderr.write(`docs/images/${name}.png\n`);
}

/** keyOf is the access key by which the simulator knows a client. */
export function keyOf(name: string): string {
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
