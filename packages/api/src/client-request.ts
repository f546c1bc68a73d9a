/** One request of the client: its address, its headers, its time limit, and an answer that is checked. */
import type { z } from "zod";
import { formatWait } from "./headers.ts";
import { problemErrorFrom } from "./problem.ts";

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
}

/** SendRequest sends one request and gives the answer as `schema` reads it. Throws as BatonClient says. */
export type SendRequest = <S extends z.ZodType>(schema: S, request: ClientRequest) => Promise<z.output<S>>;

/** createSendRequest sends requests to one endpoint. */
export function createSendRequest(endpoint: Endpoint): SendRequest {
  return async (schema, request) => {
    const { secret, secretName } = endpoint;
    if (secret === undefined) throw new Error(`this call needs the client's option \`${secretName}\``);
    const url = urlOf(endpoint.baseUrl, request);
    const timeoutMs = endpoint.timeoutMs + (request.waitMs ?? request.extraMs ?? 0);
    const response = await fetchWithin(url, request, { secret, timeoutMs });
    if (!response.ok) throw await problemErrorFrom(response);
    const parsed = schema.safeParse(await response.json().catch(() => undefined));
    if (parsed.success) return parsed.data;
    const where = `${request.method} ${url.origin}${url.pathname}`;
    throw new Error(`${where} answered ${response.status} with what is no answer of Baton's`, { cause: parsed.error });
  };
}

async function fetchWithin(
  url: URL,
  request: ClientRequest,
  { secret, timeoutMs }: { secret: string; timeoutMs: number },
): Promise<Response> {
  const init: RequestInit = {
    method: request.method,
    headers: headersOf(request, secret),
    // A redirect would carry the secret to another address.
    redirect: "error",
    signal: AbortSignal.timeout(timeoutMs),
  };
  try {
    return await fetch(url, request.body === undefined ? init : { ...init, body: JSON.stringify(request.body) });
  } catch (cause) {
    throw new Error(`Baton at ${url.origin} cannot be reached, or gave no answer within ${timeoutMs} ms`, { cause });
  }
}

function headersOf(request: ClientRequest, secret: string): Record<string, string> {
  return {
    accept: "application/json",
    authorization: `Bearer ${secret}`,
    ...(request.body === undefined ? {} : { "content-type": "application/json" }),
    ...(request.idempotencyKey === undefined ? {} : { "idempotency-key": request.idempotencyKey }),
    ...(request.waitMs === undefined ? {} : { prefer: formatWait(1_000 * Math.ceil(request.waitMs / 1_000)) }),
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
