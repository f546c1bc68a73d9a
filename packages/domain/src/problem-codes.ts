/** The problems of both APIs, RFC 9457: the code, HTTP status and title of every refusal. */

/** PROBLEMS is every refusal: its slug, HTTP status and title. */
export const PROBLEMS = {
  "malformed-json": { status: 400, title: "The body is not JSON" },
  "invalid-request": { status: 400, title: "The request is not understood" },
  unauthenticated: { status: 401, title: "No valid credentials" },
  forbidden: { status: 403, title: "The key's role does not allow this" },
  "cross-site": { status: 403, title: "The request may come from another site" },
  "connector-disabled": { status: 403, title: "The connector is disabled" },
  "not-found": { status: 404, title: "Nothing here" },
  "unknown-number": { status: 404, title: "No such pseudo number" },
  "method-not-allowed": { status: 405, title: "Method not allowed" },
  "request-timeout": { status: 408, title: "The request did not arrive in time" },
  "already-sending": { status: 409, title: "The signal is on its way" },
  "already-ended": { status: 409, title: "The handoff has ended" },
  "not-dead": { status: 409, title: "Not a dead letter" },
  "may-duplicate": { status: 409, title: "The signal may have arrived already" },
  "project-taken": { status: 409, title: "The project has a connector" },
  "number-taken": { status: 409, title: "The pseudo number belongs to a connector" },
  "handoffs-pending": { status: 409, title: "Handoffs are pending" },
  "plan-expired": { status: 409, title: "The plan is no longer kept" },
  "run-ended": { status: 409, title: "The run has ended" },
  "too-large": { status: 413, title: "The body is too large" },
  "unsupported-media-type": { status: 415, title: "Unsupported media type" },
  "expectation-failed": { status: 417, title: "The expectation cannot be met" },
  "invalid-handoff": { status: 422, title: "The handoff is not valid" },
  "invalid-connector": { status: 422, title: "The connector is not valid" },
  "invalid-call": { status: 422, title: "The call is not valid" },
  "invalid-run": { status: 422, title: "The plan or run is not valid" },
  "no-contact-id": { status: 422, title: "The call carries no contact id" },
  "idempotency-key-reused": { status: 422, title: "The idempotency key belongs to another request" },
  "backlog-full": { status: 429, title: "No room for another handoff now" },
  "too-many-requests": { status: 429, title: "Too many requests" },
  "headers-too-large": { status: 431, title: "The headers are too large" },
  internal: { status: 500, title: "Something broke" },
  "queue-unavailable": { status: 503, title: "The queue cannot be reached" },
  "not-ready": { status: 503, title: "Not ready" },
} as const satisfies Record<string, { readonly status: number; readonly title: string }>;

/** ProblemCode is the slug behind `urn:baton:problem:`. */
export type ProblemCode = keyof typeof PROBLEMS;
