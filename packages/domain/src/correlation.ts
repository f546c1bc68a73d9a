/** Correlation: what a caller's own logs and traces know a request by. */

export interface Correlation {
  /** `X-Request-Id` as it came, or as it was made: 1 to 128 printable ASCII characters. */
  readonly requestId?: string;
  /** `traceparent` as it came: 55 characters of W3C's Trace Context. */
  readonly traceparent?: string;
}
