/** Requests to the admin API, by the session's cookie. */
import { updateClockOffset } from "../ui/baton-clock.ts";
import { RequestError, requestErrorFromResponse } from "./request-error.ts";

/** A request without an answer for so long counts as a missed one. Milliseconds. */
const TIMEOUT_MS = 10_000;
/** What is kept of answers with an ETag: more pages than are open at once. */
const MAX_CACHED = 60;

/** QueryParams stand behind the question mark; undefined members are left out. */
export type QueryParams = Readonly<Record<string, string | number | readonly string[] | undefined>>;

interface CachedAnswer {
  readonly etag: string;
  readonly body: unknown;
}

const cachedAnswers = new Map<string, CachedAnswer>();

/** urlWithQuery gives the path with its query. */
export function urlWithQuery(path: string, query: QueryParams = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    const values = Array.isArray(value) ? value : [value];
    for (const each of values) if (each !== undefined && each !== "") params.append(name, String(each));
  }
  const search = params.toString();
  return search === "" ? path : `${path}?${search}`;
}

/** readFromApi asks for what may have changed; unchanged (304), it gives the very object of the time before. */
export async function readFromApi<T>(path: string, query?: QueryParams, signal?: AbortSignal): Promise<T> {
  const address = urlWithQuery(path, query);
  const before = cachedAnswers.get(address);
  const headers: Record<string, string> = { accept: "application/json" };
  if (before !== undefined) headers["if-none-match"] = before.etag;
  const response = await fetchWithTimeout(address, {
    headers,
    cache: "no-store",
    ...(signal === undefined ? {} : { signal }),
  });
  if (response.status === 304 && before !== undefined) return before.body as T;
  if (!response.ok) throw await requestErrorFromResponse(response);
  const body: unknown = await response.json();
  cacheAnswer(address, response.headers.get("etag"), body);
  return body as T;
}

/** ApiWrite is a request that changes something. */
export interface ApiWrite {
  readonly method: "POST" | "PATCH" | "DELETE";
  readonly path: string;
  readonly query?: QueryParams;
  readonly body?: unknown;
  /** Makes a repeat safe. */
  readonly idempotencyKey?: string;
  /** Longer than usual, where the answer waits for CXone. Milliseconds. */
  readonly timeoutMs?: number;
}

/** writeToApi changes something, and gives the answer; undefined where there is none. */
export async function writeToApi<T>({ method, path, query, body, idempotencyKey, timeoutMs }: ApiWrite): Promise<T> {
  const headers: Record<string, string> = { accept: "application/json" };
  if (idempotencyKey !== undefined) headers["idempotency-key"] = idempotencyKey;
  // By cookie only JSON is taken; where a route needs no body, an empty object is one.
  const sent = method === "DELETE" ? {} : { body: JSON.stringify(body ?? {}) };
  if (method !== "DELETE") headers["content-type"] = "application/json";
  const response = await fetchWithTimeout(urlWithQuery(path, query), { method, headers, ...sent }, timeoutMs);
  if (!response.ok) throw await requestErrorFromResponse(response);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

async function fetchWithTimeout(address: string, init: RequestInit, timeoutMs = TIMEOUT_MS): Promise<Response> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = init.signal == null ? timeout : AbortSignal.any([init.signal, timeout]);
  try {
    const askedAt = Date.now();
    const response = await fetch(address, { ...init, signal, credentials: "same-origin", redirect: "error" });
    updateClockOffset(response.headers.get("date"), askedAt, Date.now());
    return response;
  } catch (cause) {
    throw new RequestError("admin-gone", describeNoAnswer(init, timeout), undefined, { cause });
  }
}

/** Of a request that changes something and gets no answer in time, it is not known whether it did. */
function describeNoAnswer({ method = "GET" }: RequestInit, timeout: AbortSignal): string {
  return method !== "GET" && timeout.aborted
    ? "Baton's admin process gave no answer in time. What was asked of it may be done: look before you press again."
    : "Baton's admin process cannot be reached.";
}

function cacheAnswer(address: string, etag: string | null, body: unknown): void {
  if (etag === null) return;
  cachedAnswers.delete(address);
  cachedAnswers.set(address, { etag, body });
  const oldest = cachedAnswers.keys().next();
  if (cachedAnswers.size > MAX_CACHED && oldest.done !== true) cachedAnswers.delete(oldest.value);
}
