/** Redis's slow log: what took longer than the project allows any command. */
import { Redis } from "ioredis";
import { z } from "zod";

/** SLOW_MS: no command may take longer. Milliseconds. */
export const SLOW_MS = 10;
const KEPT = 1_000;

const entriesSchema = z.array(z.tuple([z.number(), z.number(), z.number(), z.array(z.string())]).rest(z.unknown()));

/** SlowCommands since the last look. */
export interface SlowCommands {
  readonly count: number;
  /** The slowest, in milliseconds, and how it begins; absent where there was none. */
  readonly worst?: { readonly ms: number; readonly command: string };
}

/**
 * openSlowLog lets Redis write down what takes longer than SLOW_MS, and no longer rewrites its append-only file by
 * itself: the fork would be what is measured.
 */
export async function openSlowLog(port: number) {
  const redis = new Redis(port);
  await redis.call(
    "CONFIG",
    "SET",
    "slowlog-log-slower-than",
    SLOW_MS * 1_000,
    "slowlog-max-len",
    KEPT,
    "auto-aof-rewrite-percentage",
    0,
  );
  await redis.call("SLOWLOG", "RESET");
  return {
    /** take gives what was slow since it was asked last. */
    async take(): Promise<SlowCommands> {
      const entries = entriesSchema.parse(await redis.call("SLOWLOG", "GET", KEPT));
      await redis.call("SLOWLOG", "RESET");
      const [worst] = entries.toSorted(([, , one], [, , other]) => other - one);
      return {
        count: entries.length,
        ...(worst === undefined ? {} : { worst: { ms: worst[2] / 1_000, command: worst[3].join(" ").slice(0, 100) } }),
      };
    },
    close: () => redis.disconnect(),
  };
}
