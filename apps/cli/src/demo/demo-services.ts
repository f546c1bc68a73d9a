/** What the demo runs on: Redis, the simulator and Baton's processes, on real ports, with their logs in a file. */
import { randomBytes } from "node:crypto";
import { createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BatonClient, createBatonClient } from "@baton/api";
import { type Lifecycle, type Log, openEmbeddedRedis } from "@baton/runtime";
import { type Simulator, startSimulator } from "@baton/simulator";
import { createLog } from "@baton/telemetry";
import { createToken, generateKeyringEntry } from "@baton/vault";
import getPort from "get-port";
import { openIngressWorkerAndAdmin, type ProcessAddresses, readAllInOneConfig } from "../all-in-one-process.ts";

const HOST = "127.0.0.1";
/** The default ports of Baton's processes, and the simulator's own. */
const PORTS = { ingress: 8080, admin: 8081, worker: 8082, simulator: 8090 } as const;
type Listener = keyof typeof PORTS;

/** CXone's usual answer takes this long here, so that an eye can see a signal on its way. Milliseconds. */
const LATENCY_MS = 60;

/** DemoFolder is gone when the demo ends well; a log that says why it did not is kept. */
export interface DemoFolder {
  readonly path: string;
  readonly logPath: string;
  readonly logOf: (name: string) => Log;
  remove(): void;
}

/** createTemporaryDemoFolder makes a temporary folder. */
export function createTemporaryDemoFolder(): DemoFolder {
  const path = mkdtempSync(join(tmpdir(), "baton-demo-"));
  const logPath = join(path, "baton.log");
  const destination = createWriteStream(logPath);
  return {
    path,
    logPath,
    logOf: (name) => createLog({ name, level: "info", destination }),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** DemoServices is all that is open. */
export interface DemoServices {
  readonly redis: {
    readonly address: string;
    readonly kind: "given" | "process" | "container";
    readonly folder: string;
  };
  readonly namespace: string;
  readonly simulator: Simulator;
  readonly addresses: ProcessAddresses;
  readonly adminKey: string;
  readonly operator: BatonClient;
  /** Signs its first visitor in to the console. */
  readonly signInLink: string;
  /** Whose usual port was taken. */
  readonly moved: readonly Listener[];
}

/** startDemoServices opens everything; `life` owns it. */
export async function startDemoServices(life: Lifecycle, folder: DemoFolder): Promise<DemoServices> {
  const redisFolder = join(folder.path, "redis");
  const redis = life.use(await openEmbeddedRedis({ folder: redisFolder, log: folder.logOf("redis") }), "redis");
  const ports = await findFreePorts();
  const simulator = life.use(
    await startSimulator({ port: ports.simulator, host: HOST, settings: { latencyMs: LATENCY_MS } }),
    "simulator",
  );
  const adminKey = createToken("ba").token;
  const namespace = `demo-${randomBytes(4).toString("hex")}`;
  const config = readAllInOneConfig({
    BATON_REDIS_URL: redis.url,
    BATON_NAMESPACE: namespace,
    BATON_KEYRING: generateKeyringEntry(),
    BATON_ADMIN_KEY: adminKey,
    BATON_ALLOWED_HOSTS: `http://${HOST}:*`,
    BATON_HOST: HOST,
    BATON_INGRESS_PORT: String(ports.ingress),
    BATON_ADMIN_PORT: String(ports.admin),
    BATON_WORKER_PORT: String(ports.worker),
  });
  const addresses = await openIngressWorkerAndAdmin(config, life, folder.logOf);
  const operator = createBatonClient({ adminUrl: addresses.admin, adminKey });
  return {
    redis: { address: new URL(redis.url).host, kind: redis.kind, folder: redisFolder },
    namespace,
    simulator,
    addresses,
    adminKey,
    operator,
    signInLink: await operator.createSignInLink(),
    moved: (Object.keys(PORTS) as Listener[]).filter((name) => ports[name] !== PORTS[name]),
  };
}

/** The usual ports, and others where those are in use. */
async function findFreePorts(): Promise<Readonly<Record<Listener, number>>> {
  const [ingress, admin, worker, simulator] = await Promise.all([
    getPort({ port: PORTS.ingress, host: HOST }),
    getPort({ port: PORTS.admin, host: HOST }),
    getPort({ port: PORTS.worker, host: HOST }),
    getPort({ port: PORTS.simulator, host: HOST }),
  ]);
  return { ingress, admin, worker, simulator };
}
