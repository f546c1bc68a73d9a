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

/** Calls of commands by name, subcommands with their command. */
export type Calls = Readonly<Record<string, number>>;

/** commandsRun counts every command since the server's start, those that scripts run among them. */
export async function commandsRun(redis: Asked): Promise<Calls> {
  const stats = await redis.command("INFO commandstats");
  const calls: Record<string, number> = {};
  for (const [, name = "", count] of stats.matchAll(/^cmdstat_([^:|]+)[^:]*:calls=(\d+)/gm))
    calls[name] = (calls[name] ?? 0) + Number(count);
  return calls;
}

/** sumOf adds up all calls. */
export function sumOf(calls: Calls): number {
  return Object.values(calls).reduce((sum, count) => sum + count, 0);
}

/** subtractCalls gives what was called between two counts. */
export function subtractCalls(after: Calls, before: Calls): Calls {
  return Object.fromEntries(Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)]));
}

/** Origins of a phase's commands by name: `sent` by processes, a script being one, or run `inside` a script. */
export interface Origins {
  readonly sent: Calls;
  readonly inside: Calls;
}

/** sentOf says how many of some calls were sent by processes, as far as origins that were seen another time show it. */
export function sentOf(calls: Calls, { sent, inside }: Origins): number {
  return Object.entries(calls).reduce((sum, [name, count]) => {
    const [direct, scripted] = [sent[name] ?? 0, inside[name] ?? 0];
    return direct === 0 ? sum : sum + (count * direct) / (direct + scripted);
  }, 0);
}

/**
 * watchOrigins counts each command's origin while `during` runs. MONITOR slows Redis, so nothing else is measured with
 * it.
 */
export async function watchOrigins(port: number, during: () => Promise<unknown>): Promise<Origins> {
  const socket = connect(port, "127.0.0.1");
  const origins = { sent: {} as Record<string, number>, inside: {} as Record<string, number> };
  const lines = createInterface({ input: socket }).on("line", (line) => {
    const [, from = "", command = ""] = MONITORED.exec(line) ?? [];
    if (command === "") return;
    const counts = from === "lua" ? origins.inside : origins.sent;
    counts[command.toLowerCase()] = (counts[command.toLowerCase()] ?? 0) + 1;
  });
  socket.write("MONITOR\r\n");
  await once(lines, "line");
  await during();
  socket.destroy();
  return origins;
}

/** A command as MONITOR shows it, with the address of who sent it: a script's own commands come from `lua`. */
const MONITORED = /^\+\d+\.\d+ \[\d+ ([^\]]*)\] "([^"]+)"/;
