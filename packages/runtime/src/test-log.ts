/** A log that keeps its lines, for tests. */
import type { Log } from "./log.ts";

export interface TestLog extends Log {
  readonly lines: readonly Readonly<Record<string, unknown>>[];
}

/** createTestLog keeps every line with its `level` and `msg`. */
export function createTestLog(): TestLog {
  const lines: Record<string, unknown>[] = [];
  const write = (level: string) => (fields: object, msg: string) => {
    lines.push({ level, msg, ...fields });
  };
  return { lines, debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}
