/** The log: JSON lines on stdout, with nothing in them that must not be read. */
import { type DestinationStream, type Logger, pino, stdTimeFunctions } from "pino";
import { parseTraceparent } from "./trace-context.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

export interface LogOptions {
  /** The process: `ingress`, `worker`, … */
  readonly name: string;
  readonly level: LogLevel;
  /** stdout unless said. */
  readonly destination?: DestinationStream;
}

/** Fields that never belong in a log, whatever they hold. */
const SECRET_FIELDS = new Set([
  "accesskeysecret",
  "authorization",
  "clientsecret",
  "context",
  "cookie",
  "params",
  "password",
  "token",
  "x-api-key",
]);
/** Deeper than any line of ours; a log line is no place for a graph. */
const MAX_DEPTH = 5;

/**
 * createLog makes a logger whose lines are safe by construction: errors show their kind, message, code, stack and
 * causes and nothing else that a library hung on them; secret fields are emptied; what looks like a token is hidden in
 * the finished line. About 10 µs a line.
 */
export function createLog({ name, level, destination }: LogOptions): Logger {
  return pino(
    {
      level,
      base: { name, pid: process.pid },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: (fields) => withTraceId(redactFields(fields, 0)) },
      // pino's own would add the causes' messages and "type": "Object" to what `log` above has made safe.
      serializers: { err: (described: unknown) => described },
      hooks: { streamWrite: hideSecrets },
    },
    destination ?? stdout(),
  );
}

/**
 * Lines are written together, so many characters or milliseconds at a time: one system call each would cost more than
 * all else of a line. The time counts from a line, where pino's own `periodicFlush` would wake an idle process for
 * nothing.
 */
const GATHERED = { characters: 8_192, forMs: 25 } as const;

let opened: DestinationStream | undefined;

/**
 * stdout is one for all logs of a process; what it still holds is written when the process ends, unless it is killed.
 */
function stdout(): DestinationStream {
  if (opened === undefined) {
    const destination = pino.destination({ dest: 1, sync: true });
    // Here, and not in the destination, which counts the bytes of each line.
    let lines = "";
    let writing: NodeJS.Timeout | undefined;
    const write = () => {
      const gathered = lines;
      lines = "";
      if (gathered !== "") destination.write(gathered);
    };
    const writeInTime = () => {
      writing = undefined;
      write();
    };
    process.once("exit", () => {
      write();
      destination.flushSync();
    });
    opened = {
      write(line) {
        lines += line;
        if (lines.length >= GATHERED.characters) write();
        if (writing === undefined) writing = setTimeout(writeInTime, GATHERED.forMs).unref();
      },
    };
  }
  return opened;
}

/**
 * withTraceId adds the trace's id to a line that says its `traceparent`: it alone is the same in all of a trace.
 * `fields` are a line's own.
 */
function withTraceId(fields: Record<string, unknown>): Record<string, unknown> {
  const trace = parseTraceparent(fields.traceparent);
  if (trace !== undefined) fields.traceId = trace.traceId;
  return fields;
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (depth > MAX_DEPTH) return "[deeper]";
  if (value instanceof Error) return redactError(value, depth);
  if (Array.isArray(value)) return value.map((each) => redactValue(each, depth + 1));
  if (value instanceof Date) return value.toISOString();
  if (ArrayBuffer.isView(value)) return "[bytes]";
  return redactFields(value, depth + 1);
}

function redactFields(fields: object, depth: number): Record<string, unknown> {
  const redacted: Record<string, unknown> = {};
  for (const name of Object.keys(fields)) {
    const isSecret = SECRET_FIELDS.has(name.toLowerCase());
    redacted[name] = isSecret ? HIDDEN : redactValue(fields[name as keyof typeof fields], depth);
  }
  return redacted;
}

function redactError(error: Error, depth: number): Record<string, unknown> {
  return {
    type: error.name,
    message: error.message,
    ...("code" in error && (typeof error.code === "string" || typeof error.code === "number")
      ? { code: error.code }
      : {}),
    stack: error.stack,
    ...(error.cause === undefined ? {} : { cause: redactValue(error.cause, depth + 1) }),
    ...(error instanceof AggregateError ? { errors: error.errors.map((each) => redactValue(each, depth + 1)) } : {}),
  };
}

const HIDDEN = "[redacted]";

/**
 * Shapes, in this order: Baton's own tokens and keys (`BATON_ADMIN_KEY` has any form after `ba_`), JSON web tokens,
 * Authorization values, passwords inside an address, and the arguments that Redis repeats to an unknown command.
 */
const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/\bb[tkasc]_[\w.~+/=-]{20,}/gi, HIDDEN],
  // Also one of its parts alone: looking for a dot that does not come, from each beginning anew, would take for ever.
  [/\beyJ[\w-]{8,}(?:\.[\w-]*){0,2}/g, HIDDEN],
  [/\b(Bearer|Basic)\s+(?!\[)[\w.~+/=:-]+/gi, `$1 ${HIDDEN}`],
  [/:\/\/[^\s/"\\@]*@/g, `://${HIDDEN}@`],
  [/with args beginning with: [^"\\]*/g, `with args ${HIDDEN}`],
];

/** How each of the shapes begins: most lines have none of it, and looking for all at once costs a fifth. */
const BEGINNINGS = /[Bb][TKASCtkasc]_|[Bb][Ee][Aa][Rr][Ee][Rr]|[Bb][Aa][Ss][Ii][Cc]|eyJ|:\/\/|with args/;

/** hideSecrets replaces what looks like a token, a key or a password. It keeps a line of JSON a line of JSON. */
function hideSecrets(text: string): string {
  if (!BEGINNINGS.test(text)) return text;
  return SHAPES.reduce((hidden, [shape, replacement]) => hidden.replace(shape, replacement), text);
}
