/**
 * A process of Baton with a proxy of its own before Redis, so that its traffic is seen apart from that of the others.
 */
import { join } from "node:path";
import getPort from "get-port";
import { type Child, startChild } from "./child-process.ts";
import { TcpProxy } from "./tcp-proxy.ts";

const ROOT = join(import.meta.dirname, "../..");
const CLOCK = join(import.meta.dirname, "jumping-clock.ts");
/** A process listens within so long, on a busy machine too. Milliseconds. */
const START_MS = 60_000;

export type App = "ingress" | "worker" | "admin" | "simulator";

export interface BatonProcessOptions {
  readonly app: App;
  readonly name: string;
  readonly folder: string;
  /** Port of the Redis it uses; the simulator has none. */
  readonly redisPort?: number;
  readonly env: Readonly<Record<string, string>>;
}

/** BatonProcess may be killed and started again; it keeps its port. */
export class BatonProcess {
  readonly name: string;
  readonly url: string;
  readonly #proxy: TcpProxy | undefined;
  readonly #start: () => Promise<Child>;
  #child: Child;

  private constructor(options: {
    name: string;
    url: string;
    proxy: TcpProxy | undefined;
    start: () => Promise<Child>;
    child: Child;
  }) {
    this.name = options.name;
    this.url = options.url;
    this.#proxy = options.proxy;
    this.#start = options.start;
    this.#child = options.child;
  }

  /** start resolves once the process listens. */
  static async start({ app, name, folder, redisPort, env }: BatonProcessOptions): Promise<BatonProcess> {
    const proxy = redisPort === undefined ? undefined : await TcpProxy.open(redisPort);
    const port = await getPort({ host: "127.0.0.1" });
    const all = {
      ...env,
      [`BATON_${app.toUpperCase()}_PORT`]: String(port),
      ...(proxy === undefined ? {} : { BATON_REDIS_URL: `redis://127.0.0.1:${proxy.port}` }),
    };
    const start = () => listening({ app, env: all, logFile: join(folder, `${name}.log`) });
    return new BatonProcess({ name, url: `http://127.0.0.1:${port}`, proxy, start, child: await start() });
  }

  /** What lies between this process and Redis. */
  get redis(): TcpProxy {
    if (this.#proxy === undefined) throw new Error(`${this.name} has no Redis`);
    return this.#proxy;
  }

  get child(): Child {
    return this.#child;
  }

  /** restart starts the process again, once it has ended. */
  async restart(): Promise<void> {
    await this.#child.ended;
    this.#child = await this.#start();
  }

  /** ready asks `/readyz`. */
  async ready(): Promise<boolean> {
    const answer = await fetch(`${this.url}/readyz`, { signal: AbortSignal.timeout(1_000) }).catch(() => undefined);
    return answer?.ok ?? false;
  }

  async close(): Promise<void> {
    await this.#child.kill();
    await this.#proxy?.close();
  }
}

async function listening({
  app,
  env,
  logFile,
}: {
  app: App;
  env: Readonly<Record<string, string>>;
  logFile: string;
}): Promise<Child> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const command = [
    process.execPath,
    "--conditions=@baton/source",
    "--import",
    CLOCK,
    join(ROOT, "apps", app, "src/main.ts"),
  ];
  const child = startChild({
    command,
    env,
    logFile,
    onLine: (line) => line.includes('"msg":"listening"') && resolve(),
  });
  const timer = setTimeout(() => reject(new Error(`${app} does not listen; see ${logFile}`)), START_MS);
  child.ended
    .then((how) => reject(new Error(`${app} ended (${how}) before it listened; see ${logFile}`)))
    .catch(() => undefined);
  try {
    await promise;
    return child;
  } catch (error) {
    await child.kill();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
