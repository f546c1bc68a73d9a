/** What every refusal means and what to do about it: for docs/problems.md, and for the pages at `/docs`. */
import type { ProblemCode } from "./problem-codes.ts";

/** ProblemAdvice is two sentences or so of plain text; code in it stands between backquotes. */
interface ProblemAdvice {
  readonly meaning: string;
  readonly remedy: string;
}

/** PROBLEM_GUIDE has a line for every problem, or does not compile. */
export const PROBLEM_GUIDE: Readonly<Record<ProblemCode, ProblemAdvice>> = {
  "malformed-json": {
    meaning: "The body is not JSON (RFC 8259) in UTF-8, is empty where one is needed, or ended too early.",
    remedy: "Send the body as one JSON object. Nothing was accepted.",
  },
  "invalid-request": {
    meaning:
      "The path, the query or the request itself is not as this route takes it; `errors` points at what is wrong.",
    remedy: "Correct what `errors` names. A `cursor` is sent back unchanged, or left out to begin anew.",
  },
  unauthenticated: {
    meaning: "The token or key is missing, unknown, expired or revoked. Which of these it is is not said.",
    remedy:
      "Send a connector token (`bt_…`) to ingress or an admin key (`ba_…`) to admin, as `Authorization: Bearer …`. In the console, sign in again.",
  },
  forbidden: {
    meaning: "The key is good, but its role may not do this, or it opens another project.",
    remedy: "Ask an administrator for a key with the role that `detail` names.",
  },
  "cross-site": {
    meaning:
      "A change that is authenticated by the console's cookie did not come from the console's own pages, or its body is not `application/json`. Nothing was changed.",
    remedy:
      "Make the change in the console, or send an admin key as `Authorization: Bearer …`. Behind a proxy, let it pass the header `Host` on, or name it in `BATON_TRUSTED_PROXIES`.",
  },
  "connector-disabled": {
    meaning: "The token is good, but its connector is disabled: it accepts nothing and shows nothing.",
    remedy: "An administrator enables it: `PATCH /admin/v1/connectors/{id}` with `enabled: true`.",
  },
  "not-found": {
    meaning: "There is nothing under this path, or nothing of that id that the caller may see.",
    remedy:
      "Check path and id. Ended handoffs are kept for `BATON_RETENTION_ENDED`, dead ones for `BATON_RETENTION_DEAD`, calls for 24 h.",
  },
  "unknown-number": {
    meaning: "The connector has no such pseudo number: no client has it, or another one.",
    remedy:
      "An administrator adds the number to the connector's `pseudoNumbers`. The log names its owner, if it has one.",
  },
  "method-not-allowed": {
    meaning: "The path is right and does not take this method.",
    remedy: "Use one of the methods in the header `Allow`.",
  },
  "request-timeout": {
    meaning: "The request did not arrive whole within 30 s.",
    remedy: "Send it again. If it happens often, something between client and Baton holds requests back.",
  },
  "already-sending": {
    meaning: "The handoff cannot be cancelled: its signal is on its way. `handoffStatus` says so.",
    remedy: "Read it, with `Prefer: wait=N`, to learn how it ends.",
  },
  "already-ended": {
    meaning: "The handoff cannot be cancelled: it has ended, as `handoffStatus` says.",
    remedy: "Nothing is left to be done. One that is `dead` can be discarded by an operator.",
  },
  "not-dead": {
    meaning: "Only a dead letter can be replayed or discarded, and this handoff is none, or none any more.",
    remedy: "Read the handoff: it may have been replayed or discarded just now.",
  },
  "may-duplicate": {
    meaning: "An earlier signal of this dead letter may have reached the contact, so a replay may signal it twice.",
    remedy: "Find out in CXone. If a second signal does no harm, replay it with `force: true`.",
  },
  "project-taken": {
    meaning: "Another connector has this `accountId`, `projectId` and `environment`; one project has one connector.",
    remedy: "Change that connector, or name another environment.",
  },
  "number-taken": {
    meaning: "One of the pseudo numbers belongs to another connector; only digits are compared.",
    remedy: "Take the number from that connector first.",
  },
  "handoffs-pending": {
    meaning: "The connector cannot be deleted: handoffs are queued or being sent.",
    remedy: "Disable it, wait until they have ended or cancel them, then delete it.",
  },
  "plan-expired": {
    meaning: "There is no such plan any more: it is older than 15 minutes, or a run was started from it already.",
    remedy: "Make a new plan, look at it, and start that one. Nothing was replayed or discarded.",
  },
  "run-ended": {
    meaning: "The run is completed or cancelled, so it cannot be paused, resumed, cancelled or given another rate.",
    remedy: "Start another run for what is still dead.",
  },
  "too-large": {
    meaning: "The body is larger than 64 KiB, or a batch larger than 2 MiB.",
    remedy: "Send a smaller `context`, or fewer handoffs in one batch. Nothing was accepted.",
  },
  "unsupported-media-type": {
    meaning: "The body came with another media type than JSON's, or compressed.",
    remedy: "Send `Content-Type: application/json` without `Content-Encoding`.",
  },
  "invalid-handoff": {
    meaning:
      "The handoff, or the batch, is not as this connector takes it; `errors` points at everything that is wrong.",
    remedy: "Correct what `errors` names. Nothing was accepted or truncated.",
  },
  "invalid-connector": {
    meaning: "The connector would not be valid; `errors` points at everything that is wrong.",
    remedy:
      "Correct what `errors` names. Hosts other than CXone's own must be in `BATON_ALLOWED_HOSTS`. Nothing was changed.",
  },
  "invalid-call": {
    meaning: "The call is not as this route takes it; `errors` points at everything that is wrong.",
    remedy: "Correct what `errors` names. Nothing was registered.",
  },
  "invalid-run": {
    meaning:
      "The plan, the run or its change is not as this route takes it; `errors` points at everything that is wrong.",
    remedy:
      "Correct what `errors` names. A filter that takes every dead letter requires `all: true`. Nothing was replayed or discarded.",
  },
  "no-contact-id": {
    meaning: "The call that the handoff names came without a contact id, so there is no contact to signal.",
    remedy:
      "Look at the call's SIP headers and the connector's `contactIdHeader`; send `contactId` where it is known otherwise.",
  },
  "idempotency-key-reused": {
    meaning: "This idempotency key came with another body within the last 24 h.",
    remedy: "Use a new key for another handoff. To repeat one, send the same body.",
  },
  "expectation-failed": {
    meaning: "The request came with a header `Expect` that asks for more than `100-continue`.",
    remedy: "Send it without that header.",
  },
  "headers-too-large": {
    meaning: "The headers are larger than 16 KiB together.",
    remedy: "Send fewer or shorter headers.",
  },
  "backlog-full": {
    meaning:
      "The connector has as many handoffs queued as it may, or its rate, a pause or what CXone asked for leaves no slot before this deadline. Nothing was accepted.",
    remedy: "Tell the caller now, or send it again after `Retry-After`, or with a longer `deadlineMs`.",
  },
  "too-many-requests": {
    meaning: "Too many wrong tokens or keys came from this address.",
    remedy: "Wait for `Retry-After`, then send the right one.",
  },
  internal: {
    meaning: "The request failed for a reason of Baton's own.",
    remedy: "Look in the log for the id in `instance` (also the header `X-Request-Id`), and report it.",
  },
  "queue-unavailable": {
    meaning:
      "Redis cannot be reached, or only another process can do it: a newer one, one with more shards, or one with a key of the ring that this one lacks; `detail` says so. What was to be accepted is not, and will not be delivered; what an earlier request with the same `Idempotency-Key` was answered stays as it is.",
    remedy:
      "Send it again after `Retry-After`, with the same `Idempotency-Key`. After a change, look first whether it was made.",
  },
  "not-ready": {
    meaning: "Of `/readyz` only: the process should get no work just now; `detail` says why.",
    remedy: "A load balancer sends elsewhere. If it lasts, do what `detail` says.",
  },
};
