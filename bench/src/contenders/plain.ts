/** The plain BullMQ worker as a contender: bench/plain as two processes. */
import { startRedis } from "@baton/chaos/redis-server";
import getPort from "get-port";
import { type Contender, type ContenderOptions, credentialsOf } from "./contender.ts";
import { startNode } from "./start-node.ts";

/** startPlain starts the peer, with a Redis of its own. */
export async function startPlain({ folder, simulatorUrl, projects: count }: ContenderOptions): Promise<Contender> {
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const one of closers.toReversed()) await one();
  };
  try {
    const redis = await startRedis({ name: "redis", folder, fsync: "everysec" });
    closers.push(() => redis.child().kill());
    const port = await getPort({ host: "127.0.0.1" });
    const projects = Array.from({ length: count }, (_, number) => ({
      id: `project-${number}`,
      token: tokenOf(number),
      ...credentialsOf(number),
    }));
    const { clientId, clientSecret } = credentialsOf(0);
    const env = {
      REDIS_URL: `redis://127.0.0.1:${redis.port}`,
      PORT: String(port),
      CXONE_URL: simulatorUrl,
      CLIENT_ID: clientId,
      CLIENT_SECRET: clientSecret,
      PROJECTS: JSON.stringify(projects),
    };
    const start = async (name: "ingress" | "worker") => {
      const child = await startNode({ name, folder, env, script: `bench/plain/${name}.ts`, says: '"msg":"ready"' });
      closers.push(() => child.kill());
      return child.pid;
    };
    const pids = { redis: redis.child().pid, ingress: await start("ingress"), worker: await start("worker") };
    return { kind: "plain", port, tokens: projects.map(({ token }) => token), redis, pids, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function tokenOf(number: number): string {
  return `plain-token-of-project-${String(number).padStart(4, "0")}-0123456789abcdef`;
}
