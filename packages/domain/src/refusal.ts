/** Refusals that a caller of the APIs may see. */
import type { HandoffStatus } from "./handoff.ts";
import type { ProblemCode } from "./problem-codes.ts";

/** ValidationIssue points at one member of a request body (RFC 6901) and says what would be accepted. */
export interface ValidationIssue {
  readonly pointer: string;
  readonly message: string;
}

/** formatJsonPointer writes a path as RFC 6901 does; the whole document is "". */
export function formatJsonPointer(path: readonly PropertyKey[]): string {
  return path.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/**
 * RefusalOptions: `handoffStatus` is where the handoff stands that was to be changed; `retryAfterMs` becomes the
 * `Retry-After` header; `errors` are shown as they are; `cause` goes to the log only.
 */
interface RefusalOptions {
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
  const [code, detail] =
    status === "sending"
      ? (["already-sending", `${id} is sending: its signal is on its way and can no longer be taken back`] as const)
      : (["already-ended", `${id} has ended: it is ${status}`] as const);
  return new Refusal(code, detail, { handoffStatus: status });
}
