/** The Redis of a contender: one server, or a cluster of masters without replicas. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type RedisServer, startRedis, waitUntil } from "@baton/chaos/redis-server";

/** StartedRedis: `url` is as `BATON_REDIS_URL` takes it. */
export interface StartedRedis {
  readonly url: string;
  readonly servers: readonly [RedisServer, ...RedisServer[]];
}

/** `opened` is called with each server as it starts, so that a later failure ends it. */
interface Order {
  readonly folder: string;
  /** 1: no cluster. A cluster has three or more. */
  readonly masters: number;
  readonly opened: (server: RedisServer) => void;
}

export async function startMasters({ folder, masters, opened }: Order): Promise<StartedRedis> {
  const isClusterNode = masters > 1;
  const start = async (name: string) => {
    const server = await startRedis({ name, folder, fsync: "everysec", isClusterNode });
    opened(server);
    return server;
  };
  const first = await start("redis");
  const more: RedisServer[] = [];
  while (more.length + 1 < masters) more.push(await start(`redis-${more.length + 2}`));
  const servers = [first, ...more] as const;
  const addresses = servers.map(({ port }) => `127.0.0.1:${port}`);
  if (!isClusterNode) return { url: `redis://${addresses[0]}`, servers };
  await promisify(execFile)("redis-cli", ["--cluster", "create", ...addresses, "--cluster-yes"]);
  for (const server of servers) await waitUntil(async () => isWhole(await server.command("CLUSTER INFO"), masters));
  return { url: `redis+cluster://${addresses.join(",")}`, servers };
}

function isWhole(info: string, masters: number): boolean {
  return info.includes("cluster_state:ok") && info.includes(`cluster_known_nodes:${masters}`);
}
