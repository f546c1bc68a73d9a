/** The log that this package writes to. */

/** Log is what this package asks of a logger; pino's is one. One wide line for each thing that happened. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
