/** The log that this package writes to, and one that keeps its lines, for tests to read. */

/** Log is what this package asks of a logger; pino's is one. One wide line for each thing that happened. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

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
