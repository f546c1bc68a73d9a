/** Refusals that a caller of the APIs may see, as RFC 9457 problems. */
import type { HandoffStatus } from "./handoff.ts";

/** ValidationIssue points at one member of a request body (RFC 6901) and says what would be accepted. */
export interface ValidationIssue {
  readonly pointer: string;
  readonly message: string;
}

/** formatJsonPointer writes a path as RFC 6901 does; the whole document is "". */
export function formatJsonPointer(path: readonly PropertyKey[]): string {
  return path.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

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

/**
 * RefusalOptions: `handoffStatus` is where the handoff stands that was to be changed; `retryAfterMs` becomes the
 * `Retry-After` header; `errors` are shown as they are; `cause` goes to the log only.
 */
export interface RefusalOptions {
  readonly errors?: readonly ValidationIssue[];
  readonly handoffStatus?: HandoffStatus;
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/**
 * Refusal is thrown where a request is turned down; `message` is the problem's `detail`, and holds nothing of the
 * caller's data but ids.
 */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: ProblemCode;
  readonly errors: readonly ValidationIssue[] | undefined;
  readonly handoffStatus: HandoffStatus | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: ProblemCode, detail: string, options: RefusalOptions = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.errors = options.errors;
    this.handoffStatus = options.handoffStatus;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** createCancelRefusal refuses to cancel a handoff that is being sent, or has ended as `status`. */
export function createCancelRefusal(id: string, status: HandoffStatus): Refusal {
  if (status === "sending") {
    return new Refusal(
      "already-sending",
      `${id} is sending: its signal is on its way and can no longer be taken back`,
      {
        handoffStatus: status,
      },
    );
  }
  return new Refusal("already-ended", `${id} has ended: it is ${status}`, { handoffStatus: status });
}
