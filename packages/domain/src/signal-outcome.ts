/** SignalOutcome: what became of one request to CXone, as a value. Nothing throws. */

/**
 * SignalOutcome is how CXone answered the signal, or why that is not known.
 *
 * `httpStatus` is the last answer's; `detail` is CXone's own text, capped and redacted; `retryAfterMs` is the
 * `Retry-After` header in milliseconds from now (absent when CXone sent none).
 */
export type SignalOutcome =
  | { readonly kind: "accepted"; readonly httpStatus: number }
  | { readonly kind: "rejected"; readonly httpStatus: number; readonly detail?: string }
  | {
      readonly kind: "unauthorized";
      readonly httpStatus: number;
      readonly detail?: string;
      /**
       * `refused`: no renewal was allowed, or the renewed token was refused too. `pending`: the token endpoint had no
       * answer.
       */
      readonly renewal: "refused" | "pending";
    }
  | {
      readonly kind: "throttled";
      readonly httpStatus: number;
      readonly retryAfterMs?: number;
      readonly detail?: string;
    }
  | {
      readonly kind: "unavailable";
      readonly httpStatus: number;
      readonly retryAfterMs?: number;
      readonly detail?: string;
    }
  | { readonly kind: "unreachable"; readonly detail: string }
  | { readonly kind: "ambiguous"; readonly httpStatus?: number; readonly detail?: string }
  | { readonly kind: "redirected"; readonly httpStatus: number; readonly detail?: string };
