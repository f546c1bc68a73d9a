/**
 * Access check codes: why a step on the way to CXone fails. Remedies depend on them; `detail` is for people to read.
 */

/**
 * ACCESS_CHECK_CODES, each a reason:
 *
 * `host-not-allowed`: the address is none, or names a host that is not on the allow list. `key-missing`: the key ring
 * does not open the credentials. `name-not-resolved`, `tls-failed`, `proxy-refused`, `unreachable`: no answer, by what
 * failed on the way. `unreadable`: an answer, but not what such an endpoint gives. `overloaded`: 429 or 5xx.
 * `client-unknown`: the token endpoint answers `invalid_client`. `credentials-refused`: it answers 400, 401 or 403.
 * `unauthorized`: anything else answers 401 or 403. `not-found`: 404. `redirected`: 3xx. `rejected`: any other 4xx.
 * `no-tenant`: the token names none, and the connector neither. `no-api`: discovery knows no API of the tenant.
 * `ambiguous`: the test signal may have arrived.
 */
export const ACCESS_CHECK_CODES = [
  "host-not-allowed",
  "key-missing",
  "name-not-resolved",
  "tls-failed",
  "proxy-refused",
  "unreachable",
  "unreadable",
  "overloaded",
  "client-unknown",
  "credentials-refused",
  "unauthorized",
  "not-found",
  "redirected",
  "rejected",
  "no-tenant",
  "no-api",
  "ambiguous",
] as const;
export type AccessCheckCode = (typeof ACCESS_CHECK_CODES)[number];

/** accessCheckCodeOfStatus gives the code of an HTTP status that is not 2xx. */
export function accessCheckCodeOfStatus(httpStatus: number): AccessCheckCode {
  if (httpStatus === 429 || httpStatus >= 500) return "overloaded";
  if (httpStatus === 401 || httpStatus === 403) return "unauthorized";
  if (httpStatus === 404) return "not-found";
  return httpStatus < 400 ? "redirected" : "rejected";
}

/** OAUTH_CLIENT_UNKNOWN is the error code of RFC 6749 for a client id or secret that the token endpoint refuses. */
export const OAUTH_CLIENT_UNKNOWN = "invalid_client";
