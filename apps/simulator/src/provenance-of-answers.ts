/** Provenance: which of the simulator's answers NICE documents, and which are a guess. */

/**
 * Standing: `documented` by NICE, `reported` by a third party's working client or page, or `assumed` because it is
 * not published.
 */
export type Standing = "documented" | "reported" | "assumed";

/** Provenance of one answer: `source` is where it is documented or was seen. */
export interface Provenance {
  readonly answer: string;
  readonly standing: Standing;
  readonly source: string;
}

/** ANSWER_PROVENANCE in the order in which a relay meets the answers. */
export const ANSWER_PROVENANCE: readonly Provenance[] = [
  {
    answer: "openid-configuration: its members and the two ways to send the client's credentials",
    standing: "documented",
    source:
      "NICE's global authentication page; developer.niceincontact.com/Documentation/CXoneAuthenticationGettingStarted",
  },
  {
    answer:
      "/auth/token: form-encoded password and refresh grants; access_token, refresh_token, id_token, expires_in 3600",
    standing: "documented",
    source: "the same, and NICE's OpenAPI document as generated into public clients",
  },
  {
    answer: "the client's id and secret in the Basic header as they are, not form-encoded",
    standing: "documented",
    source:
      "NICE's global authentication page: base64 of client_id:client_secret; Cognigy's CXone extension and Camunda's NICE connector send just that",
  },
  {
    answer: "the access token's claims (tenantId, icBUId, icClusterId, area, …)",
    standing: "reported",
    source: "a public client's types",
  },
  {
    answer: "401 invalid_client for an unknown client",
    standing: "reported",
    source: "Camunda's NICE connector README",
  },
  {
    answer: "400 invalid_grant for a wrong access key",
    standing: "assumed",
    source: "RFC 6749; NICE publishes no status",
  },
  {
    answer: "errors as {error, error_description}; errorDescription, message and errorMessage by a setting",
    standing: "documented",
    source:
      "NICE's OpenAPI has errorDescription, clients read error_description, other families of the API use the rest",
  },
  { answer: "the token object inside an array, by a setting", standing: "reported", source: "one author's client" },
  {
    answer: "cxone-configuration?tenantId=: its members, api_endpoint among them",
    standing: "documented",
    source: "NICE's global authentication page",
  },
  { answer: "404 for an unknown tenant", standing: "assumed", source: "nothing published" },
  {
    answer:
      "signal: POST …/interactions/{contactId}/signal with p1 to p9 in the query, no body, an answer without a schema",
    standing: "documented",
    source: "developer.niceincontact.com/API/AdminAPI#/Contacts/Signal%20a%20Contact",
  },
  {
    answer: "p1 to p9 in a JSON body",
    standing: "documented",
    source: "NICE's own agent SDK (nice-devone/nice-cxone-agent-sdk)",
  },
  { answer: "p1 in the query, the rest in the body", standing: "reported", source: "Cognigy's CXone extension" },
  {
    answer: "a parameter given twice: the query's first value counts",
    standing: "assumed",
    source: "nothing published",
  },
  {
    answer: "202 with an empty body for a signal that was taken; 200 and 204 by a setting",
    standing: "assumed",
    source:
      "NICE's FAQ: 200 when done, 202 when accepted; Cognigy's test mocks use 204 and 200; nothing for the signal itself",
  },
  {
    answer:
      "404 for a contact that has ended, is unknown or belongs to another business unit; 400, 409 or 2xx without effect by a setting",
    standing: "assumed",
    source: "nothing published",
  },
  {
    answer: "400 for a contact id that is no number, and for a body that is no JSON object",
    standing: "assumed",
    source: "nothing published",
  },
  {
    answer: "401 for a missing, expired or revoked token",
    standing: "reported",
    source: "Camunda's table and Cognigy's client, for the API at large",
  },
  {
    answer: "403, 429 and 5xx as faults; Retry-After in seconds",
    standing: "reported",
    source:
      "Camunda's table; NICE's agent SDK counts 429 and 503 and reads Retry-After; Retry-After as a date comes from RFC 9110",
  },
  {
    answer: "an error's text in the header icStatusDescription",
    standing: "reported",
    source: "singer-io/tap-nice-incontact",
  },
  {
    answer: "redirects, resets, answers that hang or break off",
    standing: "assumed",
    source: "what networks do; NICE promises nothing",
  },
  {
    answer:
      "SP1 to SP9 and SrcContactID 0; a signal interrupts the script; no ONSIGNAL, no effect; two at the same moment may count as one",
    standing: "documented",
    source: "help.nicecxone.com, Studio actions SIGNAL and ONSIGNAL",
  },
  {
    answer: "/server-time, /contacts/{id}, /contacts/active, /state-history, /hierarchy, /end: paths and members",
    standing: "documented",
    source: "NICE's OpenAPI document as generated into calljacob/nice-cxone-api",
  },
  {
    answer: "the values in those answers (state ids and names, endReason)",
    standing: "assumed",
    source: "nothing published",
  },
  {
    answer: "contact data may lag, by a setting",
    standing: "documented",
    source: "help page of Studio's Contact Details By ID: 15 minutes or more",
  },
  {
    answer: '"no known way to render" without Accept: application/json',
    standing: "reported",
    source: "one author's client",
  },
];
