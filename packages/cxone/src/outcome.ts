/** What CXone's answer to a signal means, as a table of statuses and of what the socket did. */
import type { SignalOutcome } from "@baton/domain";
import { headerOf, type Reply } from "./reply.ts";
import { readRetryAfter } from "./retry-after.ts";

/**
 * readOutcome translates a reply. `detailOf` is asked only for what was not accepted, and gives redacted text;
 * `now` is epoch milliseconds. An `unauthorized` comes back as `refused`: who may renew the token knows better.
 */
export function readOutcome(reply: Reply, detailOf: (reply: Reply) => string | undefined, now: number): SignalOutcome {
  if (reply.kind === "unsent") return { kind: "unreachable", detail: detailOf(reply) ?? "nothing was sent" };
  const { status } = reply;
  // CXone has said so with its status line; nothing in the rest of the answer could take it back, nor its loss.
  if (status !== undefined && status >= 200 && status < 300) return { kind: "accepted", httpStatus: status };
  const text = detailOf(reply);
  const detail = text === undefined ? {} : { detail: text };
  if (reply.kind === "unanswered")
    return { kind: "ambiguous", ...(status === undefined ? {} : { httpStatus: status }), ...detail };
  return readRefusal(reply, detail, now);
}

function readRefusal(
  reply: Extract<Reply, { kind: "answered" }>,
  detail: { readonly detail?: string },
  now: number,
): SignalOutcome {
  const answer = { httpStatus: reply.status, ...detail };
  switch (reply.status) {
    case 401:
    case 403:
      return { kind: "unauthorized", renewal: "refused", ...answer };
    case 408:
      return { kind: "ambiguous", ...answer };
    case 425:
    case 429:
      return { kind: "throttled", ...answer, ...retryAfter(reply, now) };
    case 503:
      return { kind: "unavailable", ...answer, ...retryAfter(reply, now) };
  }
  if (reply.status >= 300 && reply.status < 400) return { kind: "redirected", ...answer };
  if (reply.status >= 400 && reply.status < 500) return { kind: "rejected", ...answer };
  return { kind: "ambiguous", ...answer };
}

function retryAfter(reply: Extract<Reply, { kind: "answered" }>, now: number): { readonly retryAfterMs?: number } {
  const retryAfterMs = readRetryAfter(headerOf(reply.headers, "retry-after"), now);
  return retryAfterMs === undefined ? {} : { retryAfterMs };
}
