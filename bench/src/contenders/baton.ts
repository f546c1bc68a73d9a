/** Baton as a contender: ingress, worker and admin, each a process of its own, as they come. */
import { randomBytes } from "node:crypto";
import { createBatonClient } from "@baton/api";
import type { RedisServer } from "@baton/chaos/redis-server";
import { generateKeyringEntry } from "@baton/vault";
import getPort from "get-port";
import { type ContenderOptions, credentialsOf } from "./contender.ts";
import { startMasters } from "./redis-cluster.ts";
import { startNode } from "./start-node.ts";

interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** A rate that never binds: the limit stays on, and its cost with it. */
const RATE: Rate = { perSecond: 5_000, burst: 10_000 };

type App = "ingress" | "worker" | "admin";

export interface BatonOptions extends ContenderOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Every connector's; one that never binds unless said; null: no limit. */
  readonly rate?: Rate | null;
  /** Masters of a cluster, with a shard on each; one Redis unless said. */
  readonly masters?: number;
  /** Worker processes; one unless said. */
  readonly workers?: number;
  /** For ingress and worker. */
  readonly nodeOptions?: readonly string[];
}

/** startBaton starts ours, with a Redis of its own, and creates a connector for each project. */
export async function startBaton(options: BatonOptions) {
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const one of closers.toReversed()) await one();
  };
  try {
    return { ...(await build(options, closers)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function build(
  { folder, simulatorUrl, projects, env: more, rate = RATE, masters = 1, workers = 1, nodeOptions = [] }: BatonOptions,
  closers: (() => Promise<void>)[],
) {
  const opened = (server: RedisServer) => closers.push(() => server.child().kill());
  const { url, servers } = await startMasters({ folder, masters, opened });
  const env = {
    BATON_REDIS_URL: url,
    BATON_SHARDS: String(masters),
    BATON_NAMESPACE: "bench",
    BATON_KEYRING: generateKeyringEntry(),
    BATON_ADMIN_KEY: `ba_${randomBytes(24).toString("hex")}`,
    BATON_ALLOWED_HOSTS: "http://127.0.0.1:*",
    ...more,
  };
  const start = async (app: App, name: string = app) => {
    const port = await getPort({ host: "127.0.0.1" });
    const child = await startNode({
      name,
      folder,
      script: `apps/${app}/src/main.ts`,
      env: { ...env, [`BATON_${app.toUpperCase()}_PORT`]: String(port) },
      says: '"msg":"listening"',
      nodeOptions: app === "admin" ? [] : nodeOptions,
    });
    closers.push(() => child.kill());
    return { port, child };
  };
  const [ingress, worker, admin] = [await start("ingress"), await start("worker"), await start("admin")];
  const others: Record<string, number> = {};
  for (let n = 2; n <= workers; n++) others[`worker-${n}`] = (await start("worker", `worker-${n}`)).child.pid;
  for (const [index, server] of servers.slice(1).entries()) others[`redis-${index + 2}`] = server.child().pid;
  const adminUrl = `http://127.0.0.1:${admin.port}`;
  const operator = createBatonClient({ adminUrl, adminKey: env.BATON_ADMIN_KEY });
  const connectors: { readonly id: string; readonly token: string }[] = [];
  for (let number = 0; number < projects; number++)
    connectors.push(await createConnector(operator, { issuer: simulatorUrl, number, rate }));
  return {
    kind: "baton" as const,
    port: ingress.port,
    tokens: connectors.map(({ token }) => token),
    redis: servers[0],
    pids: {
      redis: servers[0].child().pid,
      ingress: ingress.child.pid,
      worker: worker.child.pid,
      admin: admin.child.pid,
      ...others,
    },
    children: { ingress: ingress.child, worker: worker.child },
    env,
    adminUrl,
    operator,
    connectors,
  };
}

interface NewConnector {
  readonly issuer: string;
  readonly number: number;
  readonly rate: Rate | null;
}

async function createConnector(operator: ReturnType<typeof createBatonClient>, { issuer, number, rate }: NewConnector) {
  const { id } = await operator.createConnector({
    name: `connector ${number}`,
    accountId: "acme",
    projectId: `project-${number}`,
    cxone: { issuer },
    credentials: credentialsOf(number),
    delivery: { rate },
  });
  const { token } = await operator.createToken(id);
  return { id, token };
}
