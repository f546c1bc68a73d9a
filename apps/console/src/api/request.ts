/** Requests to the admin API, by the session's cookie. */
import { compareClocks } from "../ui/clock.ts";
import { RequestError, refusedBy } from "./problem.ts";

/** A request without an answer for so long counts as a missed one. Milliseconds. */
const PATIENCE_MS = 10_000;
/** What is kept of answers with an ETag: more pages than are open at once. */
const MAX_KEPT = 60;

/** Query is what stands behind the question mark; undefined members are left out. */
export type Query = Readonly<Record<string, string | number | readonly string[] | undefined>>;

interface Kept {
  readonly etag: string;
  readonly body: unknown;
}

const kept = new Map<string, Kept>();

/** addressOf writes path and query. */
export function addressOf(path: string, query: Query = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    const values = Array.isArray(value) ? value : [value];
    for (const each of values) if (each !== undefined && each !== "") params.append(name, String(each));
  }
  const search = params.toString();
  return search === "" ? path : `${path}?${search}`;
}

/** read asks for what may have changed; unchanged (304), it gives the very object of the time before. */
export async function read<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
  const address = addressOf(path, query);
  const before = kept.get(address);
  const headers: Record<string, string> = { accept: "application/json" };
  if (before !== undefined) headers["if-none-match"] = before.etag;
  const response = await reach(address, { headers, cache: "no-store", ...(signal === undefined ? {} : { signal }) });
  if (response.status === 304 && before !== undefined) return before.body as T;
  if (!response.ok) throw await refusedBy(response);
  const body: unknown = await response.json();
  keep(address, response.headers.get("etag"), body);
  return body as T;
}

/** Write is a request that changes something. */
export interface Write {
  readonly method: "POST" | "PATCH" | "DELETE";
  readonly path: string;
  readonly query?: Query;
  readonly body?: unknown;
  /** Makes a repeat safe. */
  readonly idempotencyKey?: string;
  /** Longer than usual, where the answer waits for CXone. Milliseconds. */
  readonly patienceMs?: number;
}

/** write changes something, and gives the answer; undefined where there is none. */
export async function write<T>({ method, path, query, body, idempotencyKey, patienceMs }: Write): Promise<T> {
  const headers: Record<string, string> = { accept: "application/json" };
  if (idempotencyKey !== undefined) headers["idempotency-key"] = idempotencyKey;
  // By cookie only JSON is taken; where a route needs no body, an empty object is one.
  const sent = method === "DELETE" ? {} : { body: JSON.stringify(body ?? {}) };
  if (method !== "DELETE") headers["content-type"] = "application/json";
  const response = await reach(addressOf(path, query), { method, headers, ...sent }, patienceMs);
  if (!response.ok) throw await refusedBy(response);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

async function reach(address: string, init: RequestInit, patienceMs = PATIENCE_MS): Promise<Response> {
  const timeout = AbortSignal.timeout(patienceMs);
  const signal = init.signal == null ? timeout : AbortSignal.any([init.signal, timeout]);
  try {
    const askedAt = Date.now();
    const response = await fetch(address, { ...init, signal, credentials: "same-origin", redirect: "error" });
    compareClocks(response.headers.get("date"), askedAt, Date.now());
    return response;
  } catch (cause) {
    throw new RequestError("admin-gone", wordsOfFailure(init, timeout), undefined, { cause });
  }
}

/** Of a request that changes something and gets no answer in time, it is not known whether it did. */
function wordsOfFailure({ method = "GET" }: RequestInit, timeout: AbortSignal): string {
  return method !== "GET" && timeout.aborted
    ? "Baton's admin process gave no answer in time. What was asked of it may be done: look before you press again."
    : "Baton's admin process cannot be reached.";
}

function keep(address: string, etag: string | null, body: unknown): void {
  if (etag === null) return;
  kept.delete(address);
  kept.set(address, { etag, body });
  const oldest = kept.keys().next();
  if (kept.size > MAX_KEPT && oldest.done !== true) kept.delete(oldest.value);
}
