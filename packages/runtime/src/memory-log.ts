/** A log that keeps its lines, for tests to read. */
import type { Log } from "./log-interface.ts";

export interface MemoryLog extends Log {
  /** Every line's fields, with its `level` and `msg`. */
  readonly lines: readonly Readonly<Record<string, unknown>>[];
}

/** createMemoryLog writes nowhere else. */
export function createMemoryLog(): MemoryLog {
  const lines: Record<string, unknown>[] = [];
  const write = (level: keyof Log) => (fields: object, msg: string) => {
    lines.push({ level, msg, ...fields });
  };
  return { lines, debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}
