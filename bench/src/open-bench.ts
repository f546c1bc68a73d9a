/** What every figure is taken on: Redis with its append-only file, simulator and Baton, each a process of its own. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createBatonClient } from "@baton/api";
import { Member } from "@baton/chaos/member";
import { startRedis } from "@baton/chaos/redis-server";
import { controlSimulator } from "@baton/chaos/simulator-control";
import { generateKeyringEntry } from "@baton/vault";

export interface BenchConnector {
  readonly id: string;
  readonly token: string;
  readonly accessKeyId: string;
}

export interface BenchOptions {
  readonly connectors: number;
  readonly workers: number;
}

export type Bench = Awaited<ReturnType<typeof openBench>>;

/** openBench starts everything; disposing of it ends every process and removes its folder. */
export async function openBench({ connectors: connectorCount, workers }: BenchOptions) {
  const folder = mkdtempSync(join(tmpdir(), "baton-bench-"));
  const closers: (() => Promise<unknown>)[] = [async () => rmSync(folder, { recursive: true, force: true })];
  const redis = await startRedis({ name: "redis", folder, fsync: "everysec" });
  closers.push(() => redis.child().kill());
  const env = {
    BATON_NAMESPACE: "bench",
    BATON_KEYRING: generateKeyringEntry(),
    BATON_ADMIN_KEY: `ba_${randomBytes(24).toString("hex")}`,
    BATON_ALLOWED_HOSTS: "http://127.0.0.1:*",
  };
  const member = async (app: "simulator" | "admin" | "ingress" | "worker", name: string) => {
    const started = await Member.start({ app, name, folder, env, ...(app === "simulator" ? {} : { redisPort: redis.port }) });
    closers.push(() => started.close());
    return started;
  };
  const simulator = await member("simulator", "simulator");
  const admin = await member("admin", "admin");
  const ingress = await member("ingress", "ingress");
  for (let number = 1; number <= workers; number++) await member("worker", `worker-${number}`);
  const operator = createBatonClient({ adminUrl: admin.url, adminKey: env.BATON_ADMIN_KEY });
  const connectors: BenchConnector[] = [];
  for (let number = 0; number < connectorCount; number++) connectors.push(await createConnector(operator, simulator.url, number));
  let contact = 100_000_000_000;

  return {
    ingressUrl: ingress.url,
    adminUrl: admin.url,
    operator,
    connectors,
    simulator: controlSimulator(simulator.url),
    nextContact: () => String(contact++),
    async [Symbol.asyncDispose](): Promise<void> {
      for (const close of closers.toReversed()) await close().catch(() => undefined);
    },
  };
}

async function createConnector(operator: ReturnType<typeof createBatonClient>, issuer: string, number: number): Promise<BenchConnector> {
  const accessKeyId = `AK-${number}`;
  const { id } = await operator.createConnector({
    name: `connector ${number}`,
    accountId: "acme",
    projectId: `project-${number}`,
    cxone: { issuer },
    credentials: { clientId: "app@vendor", clientSecret: "secret", accessKeyId, accessKeySecret: "key-secret" },
  });
  const { token } = await operator.createToken(id);
  return { id, token, accessKeyId };
}
