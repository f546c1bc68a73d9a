/** What Redis says of itself. */
import { once } from "node:events";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import type { RedisServer } from "@baton/chaos/redis-server";

type Asked = Pick<RedisServer, "command">;

/** usedBytes is what Redis's data take, its own overhead included. */
export async function usedBytes(redis: Asked): Promise<number> {
  const [, bytes = "NaN"] = /^used_memory:(\d+)/m.exec(await redis.command("INFO memory")) ?? [];
  return Number(bytes);
}

/** commandsRun counts every command since the server's start, those that scripts run among them. */
export async function commandsRun(redis: Asked): Promise<number> {
  const stats = await redis.command("INFO commandstats");
  return [...stats.matchAll(/^cmdstat_[^:]+:calls=(\d+)/gm)].reduce((sum, [, calls]) => sum + Number(calls), 0);
}

/** countSent counts the commands that processes send while `during` runs: a script is one. It slows Redis, so nothing else is measured with it. */
export async function countSent(port: number, during: () => Promise<unknown>): Promise<number> {
  const socket = connect(port, "127.0.0.1");
  let sent = 0;
  const lines = createInterface({ input: socket }).on("line", (line) => {
    if (MONITORED.test(line)) sent += 1;
  });
  socket.write("MONITOR\r\n");
  await once(lines, "line");
  await during();
  socket.destroy();
  return sent;
}

/** A command as MONITOR tells it, with the address of who sent it: a script's own commands come from `lua`. */
const MONITORED = /^\+\d+\.\d+ \[\d+ [^\]]*:\d+\] "/;
