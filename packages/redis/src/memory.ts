/** Redis's memory, and how much of it there may be. */
import { Cluster } from "ioredis";
import type { RedisConnection } from "./connection.ts";
import { withCommandTimeout } from "./script.ts";
import { fieldOf } from "./settings.ts";

/** RedisMemory in bytes, of all masters together; a limit of 0 is none. */
export interface RedisMemory {
  readonly usedBytes: number;
  readonly limitBytes: number;
}

/** readMemory asks every master. Throws when one cannot be reached. */
export async function readMemory(redis: RedisConnection): Promise<RedisMemory> {
  const masters = redis instanceof Cluster ? redis.nodes("master") : [redis];
  const sections = await Promise.all(masters.map((master) => withCommandTimeout(master.info("memory"))));
  const sum = (field: string) => sections.reduce((total, section) => total + Number(fieldOf(section, field) ?? 0), 0);
  return { usedBytes: sum("used_memory"), limitBytes: sum("maxmemory") };
}
