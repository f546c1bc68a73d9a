/**
 * The deployment of one scenario: Redis, the simulator, Baton's processes, two connectors, a producer; fresh each time.
 */
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { createBatonClient } from "@baton/api";
import { generateKeyringEntry } from "@baton/vault";
import { BatonProcess } from "./baton-process.ts";
import type { Ending, Incident, RunFacts } from "./ledger.ts";
import { type Load, Producer, type Sender } from "./producer.ts";
import type { Random } from "./random.ts";
import type { Rate } from "./rate-ceiling.ts";
import { type RedisServer, startRedis, waitForReplica, waitUntil } from "./redis-server.ts";
import { controlSimulator } from "./simulator-control.ts";
import { TcpProxy } from "./tcp-proxy.ts";

/** How often the producer's load balancer asks the ingresses whether they are ready. Milliseconds. */
const BALANCE_MS = 200;
/** Everything ends within so long after the last answer: deadlines are 60 s, and the fence adds a few. Milliseconds. */
const END_MS = 110_000;

/** Setting is what one scenario has different from the usual: two workers, one ingress, one Redis. */
export interface Setting {
  readonly workers?: number;
  readonly ingresses?: number;
  readonly fsync?: "always" | "everysec";
  /** A replica behind a line that takes so long, milliseconds. */
  readonly replicaDelayMs?: number;
  /** How far the replica's clock is ahead of the master's, milliseconds; below 0: behind. */
  readonly replicaClockMs?: number;
  /** Of each connector; one that never binds unless said. */
  readonly rate?: Rate;
  /** Of each connector's handoffs, milliseconds; 60 s unless said. */
  readonly deadlineMs?: number;
  /** One more connector, whose credentials are sealed under a key that no process has. */
  readonly lostKeys?: true;
  readonly env?: Readonly<Record<string, string>>;
  readonly load?: Partial<Load>;
}

type Batch = Parameters<ReturnType<typeof createBatonClient>["sendBatch"]>[0];

/** Few enough for two slow cores, and for one run to take seconds. */
const LOAD: Load = { requests: 240, perSecond: 30 };
const RATE: Rate = { perSecond: 100, burst: 200 };
const DEADLINE_MS = 60_000;

export type Deployment = Awaited<ReturnType<typeof openDeployment>>;

/** openDeployment starts everything, every process with its log in `folder`. */
export async function openDeployment(setting: Setting, { folder, random }: { folder: string; random: Random }) {
  mkdirSync(folder, { recursive: true });
  const closers: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const one of closers.toReversed()) await one().catch(() => undefined);
  };
  try {
    const deployment = await build(setting, { folder, random, closers });
    return { ...deployment, close };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Building {
  readonly folder: string;
  readonly random: Random;
  readonly closers: (() => Promise<unknown>)[];
}

async function build(setting: Setting, { folder, random, closers }: Building) {
  const {
    workers: workerCount = 2,
    ingresses: ingressCount = 1,
    fsync = "everysec",
    rate = RATE,
    deadlineMs = DEADLINE_MS,
  } = setting;
  const redis = await startRedis({ name: "redis", folder, fsync });
  closers.push(() => redis.child().kill());
  const replica =
    setting.replicaDelayMs === undefined ? undefined : await startReplica(redis, setting, { folder, closers });
  const env = {
    BATON_NAMESPACE: "chaos",
    BATON_KEYRING: generateKeyringEntry(),
    BATON_ADMIN_KEY: `ba_${randomBytes(24).toString("hex")}`,
    BATON_ALLOWED_HOSTS: "http://127.0.0.1:*",
    ...setting.env,
  };
  const startApp = async (app: "ingress" | "worker" | "admin" | "simulator", name: string) => {
    const started = await BatonProcess.start({
      app,
      name,
      folder,
      env,
      ...(app === "simulator" ? {} : { redisPort: redis.port }),
    });
    closers.push(() => started.close());
    return started;
  };
  const simulator = await startApp("simulator", "simulator");
  const cxone = await TcpProxy.open(Number(new URL(simulator.url).port));
  closers.push(() => cxone.close());
  const admin = await startApp("admin", "admin");
  const ingresses = await inTurn(ingressCount, (number) => startApp("ingress", `ingress-${number}`));
  const workers = await inTurn(workerCount, (number) => startApp("worker", `worker-${number}`));
  const operator = createBatonClient({ adminUrl: admin.url, adminKey: env.BATON_ADMIN_KEY });
  const issuer = `http://127.0.0.1:${cxone.port}`;
  const senders: [CreatedSender, CreatedSender] = [
    await createSender(operator, "at-least-once", { issuer, rate, deadlineMs }),
    await createSender(operator, "at-most-once", { issuer, rate, deadlineMs }),
  ];
  const lost = setting.lostKeys && (await createLostSender({ folder, env, redis, issuer }));
  const targets = balance(ingresses, closers);
  const producer = new Producer({ ...LOAD, ...setting.load, senders, targets });
  const incidents: Incident[] = [];
  const idOf = (guarantee: Sender["guarantee"]) =>
    senders.find((each) => each.guarantee === guarantee)?.connectorId ?? "";

  return {
    random,
    redis,
    replica,
    cxone,
    simulator: controlSimulator(simulator.url),
    ingresses,
    workers,
    /** All processes that use Redis. */
    processes: [admin, ...ingresses, ...workers],
    producer,
    incidents,
    load: { ...LOAD, ...setting.load },
    rate,
    operator,
    /** Of a scenario that has a run. */
    runFacts: undefined as RunFacts | undefined,

    pause: (guarantee: Sender["guarantee"]) => operator.pauseConnector(idOf(guarantee)),
    resume: (guarantee: Sender["guarantee"]) => operator.resumeConnector(idOf(guarantee)),

    /** Sends handoffs that no ledger knows, to a connector or to the one whose keys are lost, and gives their ids. */
    async sendBeside(to: Sender["guarantee"] | "lost keys", handoffs: Batch): Promise<readonly string[]> {
      const token = to === "lost keys" ? lost?.token : senders.find(({ guarantee }) => guarantee === to)?.token;
      if (token === undefined) throw new Error(`this setting has no connector for ${to}`);
      const results = await createBatonClient({ ingressUrl: targets()[0] ?? "", token }).sendBatch(handoffs);
      return results.flatMap(({ handoff }) => handoff?.id ?? []);
    },

    /** handoff is what operators are shown of one. */
    handoff: (id: string) => operator.handoff(id),

    /** incident does something to Baton, and writes down what and when. */
    async incident(what: string, act: () => Promise<void>): Promise<void> {
      const at = Date.now();
      await act();
      incidents.push({ what, at, until: Date.now() });
    },

    /**
     * quiet resolves once nothing is queued or being sent any more, or when that takes too long: the report then says
     * what is left.
     */
    async quiet(): Promise<void> {
      await waitUntil(async () => {
        const { handoffs } = await operator.overview();
        return handoffs.queued + handoffs.sending === 0;
      }, END_MS).catch(() => undefined);
    },

    /** endings asks Baton what it knows of every request that was ever made. */
    async endings(): Promise<readonly Ending[]> {
      const keys = [...new Set(producer.answers.map(({ key }) => key))];
      const endings: Ending[] = [];
      for (const key of keys) endings.push({ key, handoffs: (await operator.handoffs({ sharedId: key })).items });
      return endings;
    },
  };
}

async function startReplica(
  master: RedisServer,
  { replicaDelayMs = 0, replicaClockMs = 0 }: Setting,
  { folder, closers }: Pick<Building, "folder" | "closers">,
): Promise<RedisServer> {
  const line = await TcpProxy.open(master.port);
  closers.push(() => line.close());
  const replica = await startRedis({
    name: "replica",
    folder,
    fsync: "everysec",
    replicaOf: line.port,
    clockOffsetMs: replicaClockMs,
  });
  closers.push(() => replica.child().kill());
  await waitForReplica(replica);
  line.delayMs = replicaDelayMs;
  return replica;
}

/** CreatedSender is a sender with the connector behind it. */
interface CreatedSender extends Sender {
  readonly connectorId: string;
}

async function createSender(
  operator: ReturnType<typeof createBatonClient>,
  guarantee: Sender["guarantee"],
  { issuer, rate, deadlineMs }: { readonly issuer: string; readonly rate: Rate; readonly deadlineMs: number },
): Promise<CreatedSender> {
  const { id } = await operator.createConnector({
    name: guarantee,
    accountId: "acme",
    projectId: guarantee,
    cxone: { issuer },
    credentials: {
      clientId: "app@vendor",
      clientSecret: "secret",
      accessKeyId: `AK-${guarantee}`,
      accessKeySecret: "key-secret",
    },
    delivery: { guarantee, rate, deadlineMs },
  });
  const { token } = await operator.createToken(id);
  return { guarantee, token, connectorId: id };
}

interface Losing {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>> & { readonly BATON_ADMIN_KEY: string };
  readonly redis: RedisServer;
  readonly issuer: string;
}

/** createLostSender creates a connector through an admin whose key ring no other process has, and ends that admin. */
async function createLostSender({ folder, env, redis, issuer }: Losing): Promise<Pick<Sender, "token">> {
  const other = { ...env, BATON_KEYRING: generateKeyringEntry() };
  const admin = await BatonProcess.start({
    app: "admin",
    name: "admin-with-lost-keys",
    folder,
    env: other,
    redisPort: redis.port,
  });
  try {
    const operator = createBatonClient({ adminUrl: admin.url, adminKey: env.BATON_ADMIN_KEY });
    const { id } = await operator.createConnector({
      name: "lost keys",
      accountId: "acme",
      projectId: "lost-keys",
      cxone: { issuer },
      credentials: {
        clientId: "app@vendor",
        clientSecret: "secret",
        accessKeyId: "AK-lost",
        accessKeySecret: "key-secret",
      },
    });
    return await operator.createToken(id);
  } finally {
    await admin.close();
  }
}

/** balance keeps to the ingresses that answered `/readyz` lately; when none did, to all. */
function balance(ingresses: readonly BatonProcess[], closers: (() => Promise<unknown>)[]): () => readonly string[] {
  let ready = ingresses;
  let closed = false;
  const look = async () => {
    while (!closed) {
      const answers = await Promise.all(ingresses.map((each) => each.ready()));
      ready = ingresses.filter((_, index) => answers[index]);
      await sleep(BALANCE_MS);
    }
  };
  void look();
  closers.push(async () => {
    closed = true;
  });
  return () => (ready.length > 0 ? ready : ingresses).map(({ url }) => url);
}

async function inTurn<T>(count: number, make: (number: number) => Promise<T>): Promise<readonly T[]> {
  const made: T[] = [];
  for (let number = 1; number <= count; number += 1) made.push(await make(number));
  return made;
}
