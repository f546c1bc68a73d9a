/** One request of the client: its address, its headers, its time limit, and an answer that is checked. */
import type { z } from "zod";
import { formatWaitPreference } from "./http-headers.ts";
import { ProblemError, readProblemError } from "./problem-schema-and-error.ts";

/** Endpoint is one of the two APIs, and the secret that it is called with. */
export interface Endpoint {
  readonly baseUrl: string;
  readonly secret: string | undefined;
  /** The client's option that the secret comes from. */
  readonly secretName: string;
  readonly timeoutMs: number;
}

/** ClientRequest is one request; `path` is relative to the endpoint's base URL. */
export interface ClientRequest {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | readonly string[] | undefined>>;
  readonly body?: unknown;
  readonly idempotencyKey?: string | undefined;
  readonly waitMs?: number | undefined;
  /** How much longer than usual the answer may take. */
  readonly extraMs?: number;
  /** Drops the request once it is aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** SendRequest sends one request and gives the answer as `schema` reads it. Throws as BatonClient says. */
export type SendRequest = <S extends z.ZodType>(schema: S, request: ClientRequest) => Promise<z.output<S>>;

/** createSendRequest sends requests to one endpoint. */
export function createSendRequest(endpoint: Endpoint): SendRequest {
  return async (schema, request) => {
    const { secret, secretName } = endpoint;
    if (secret === undefined) throw new Error(`this call needs the client's option \`${secretName}\``);
    const url = urlOf(endpoint.baseUrl, request);
    const { status, json } = await fetchWithin(url, request, { secret, timeoutMs: timeoutMsOf(endpoint, request) });
    const parsed = schema.safeParse(json);
    if (parsed.success) return parsed.data;
    // A newer Baton did what it was asked to: only its words are new. No schema of an answer changes what it reads.
    if (hasOnlyNewWords(parsed.error.issues, json)) return json as z.output<typeof schema>;
    const where = `${request.method} ${url.origin}${url.pathname}`;
    throw new Error(`${where} answered ${status} with what is no answer of Baton's`, { cause: parsed.error });
  };
}

/**
 * hasOnlyNewWords says whether an answer differs from its schema in nothing but words of enumerations: as values, or as
 * keys of a record by reason.
 */
function hasOnlyNewWords(issues: readonly z.core.$ZodIssue[], json: unknown): boolean {
  return issues.every((issue) => {
    const value = issue.path.reduce<unknown>((outer, name) => (outer as Record<PropertyKey, unknown>)[name], json);
    if (issue.code === "invalid_union") return issue.errors.some((errors) => hasOnlyNewWords(errors, value));
    const isNewKey = issue.code === "unrecognized_keys" || (issue.code === "invalid_key" && issue.origin === "record");
    return isNewKey || (issue.code === "invalid_value" && typeof value === "string");
  });
}

function timeoutMsOf({ timeoutMs }: Endpoint, { waitMs, extraMs }: ClientRequest): number {
  return timeoutMs + (waitMs ?? extraMs ?? 0);
}

/**
 * fetchWithin gives the whole answer; `json` is undefined where it is none. Throws a TypeError for what cannot be sent.
 */
async function fetchWithin(
  url: URL,
  { signal, ...request }: ClientRequest,
  { secret, timeoutMs }: { secret: string; timeoutMs: number },
): Promise<{ status: number; json: unknown }> {
  signal?.throwIfAborted();
  const timeout = AbortSignal.timeout(timeoutMs);
  const toSend = buildFetchRequest(url, {
    method: request.method,
    headers: headersOf(request, secret),
    // A redirect would carry the secret to another address.
    redirect: "error",
    signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
  });
  try {
    const response = await fetch(toSend);
    if (!response.ok) throw await readProblemError(response);
    return { status: response.status, json: parseJson(await response.text()) };
  } catch (cause) {
    if (cause instanceof ProblemError) throw cause;
    signal?.throwIfAborted();
    const what = `Baton at ${url.origin} cannot be reached, or gave no whole answer within ${timeoutMs} ms`;
    throw new Error(what, { cause });
  }
}

/** buildFetchRequest refuses in its own words: those of `fetch` repeat the address and the headers, secrets in them. */
function buildFetchRequest(url: URL, init: RequestInit): Request {
  try {
    return new Request(url, init);
  } catch {
    const address = "the address must not hold a user name or a password";
    throw new TypeError(`this cannot be sent: ${address}, and secrets and keys are printable ASCII without blanks`);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function headersOf(request: ClientRequest, secret: string): Record<string, string> {
  return {
    accept: "application/json",
    authorization: `Bearer ${secret}`,
    ...(request.body === undefined ? {} : { "content-type": "application/json" }),
    ...(request.idempotencyKey === undefined ? {} : { "idempotency-key": request.idempotencyKey }),
    ...(request.waitMs === undefined
      ? {}
      : { prefer: formatWaitPreference(1_000 * Math.ceil(request.waitMs / 1_000)) }),
  };
}

function urlOf(baseUrl: string, request: ClientRequest): URL {
  const url = new URL(request.path, baseUrl.endsWith("/") ? baseUrl : `${baseUrl}/`);
  for (const [name, given] of Object.entries(request.query ?? {})) {
    const values = [given].flat();
    for (const value of values) if (value !== undefined) url.searchParams.append(name, String(value));
  }
  return url;
}
