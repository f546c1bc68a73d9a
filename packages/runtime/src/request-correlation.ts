/** What a request is known by: `X-Request-Id`, taken in or made, and `traceparent`, taken in. */
import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { Correlation } from "@baton/domain";

const REQUEST_ID = /^[\x20-\x7e]{1,128}$/;
/**
 * Version 00, and what later versions must begin with (W3C Trace Context, section 3.2.4). Version ff, and ids of zeros
 * only, are none.
 */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?=$|-)/;
const FIRST_VERSION = /^00-.{53,}/;

/** requestIdOf gives the header where it is 1 to 128 printable ASCII characters, else a new UUID. */
export function requestIdOf(header: string | readonly string[] | undefined): string {
  return typeof header === "string" && REQUEST_ID.test(header) ? header : randomUUID();
}

/**
 * correlationOfRequest gives what is kept of a request that is known as `requestId`. A `traceparent` that is none is
 * left out.
 */
export function correlationOfRequest(requestId: string, { traceparent }: IncomingHttpHeaders): Correlation {
  const [trace] =
    typeof traceparent === "string" && !FIRST_VERSION.test(traceparent) ? (TRACEPARENT.exec(traceparent) ?? []) : [];
  return { requestId, ...(trace === undefined ? {} : { traceparent: trace }) };
}
