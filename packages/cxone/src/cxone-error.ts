/** CxOneError: why a question to CXone has no answer. What became of a signal is a SignalOutcome instead. */

/**
 * CxOneErrorCode has one word per meaning.
 *
 * `invalid-contact-id`: not a string of 1 to 19 digits; nothing was sent. `credentials`: CXone refuses the keys, or the
 * token, also a renewed one. `configuration`: a host that is not allowed, a redirect, a discovery that names no API.
 * `rejected`: any other 4xx. `throttled`: 425 or 429. `unavailable`: 408, 5xx, or a token endpoint that has no answer.
 * `unreachable`: no whole answer in time. `unreadable`: a 2xx that holds no contact.
 */
export type CxOneErrorCode =
  | "invalid-contact-id"
  | "credentials"
  | "configuration"
  | "rejected"
  | "throttled"
  | "unavailable"
  | "unreachable"
  | "unreadable";

/** CxOneErrorOptions: the last answer's status, and its `Retry-After` in milliseconds from now. */
export interface CxOneErrorOptions {
  readonly httpStatus?: number | undefined;
  readonly retryAfterMs?: number | undefined;
}

/**
 * CxOneError is thrown by `getContact`, and for a contact id that is none. `message` is redacted: no token, no
 * credentials.
 */
export class CxOneError extends Error {
  override readonly name = "CxOneError";
  readonly code: CxOneErrorCode;
  readonly httpStatus: number | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: CxOneErrorCode, message: string, { httpStatus, retryAfterMs }: CxOneErrorOptions = {}) {
    super(message);
    this.code = code;
    this.httpStatus = httpStatus;
    this.retryAfterMs = retryAfterMs;
  }
}
