/** The one request that Baton exists for: `POST …/interactions/{contactId}/signal`. */
import { CONTACT_ID, type CxOneTarget, encodeQuery, PARAM_NAMES, type Params } from "@baton/domain";
import type { Access } from "./access-store.ts";
import { CxOneError } from "./error.ts";
import type { HttpRequest } from "./http.ts";

/** SignalRequest is the request but for its time limit and connection. */
type SignalRequest = Pick<HttpRequest, "method" | "url" | "headers" | "body">;

/** checkContactId throws `invalid-contact-id` for what could be another path. */
export function checkContactId(contactId: string): void {
  if (!CONTACT_ID.test(contactId))
    throw new CxOneError("invalid-contact-id", "a contact id is a string of 1 to 19 digits");
}

/** writeSignal puts parameters where the business unit's scripts expect them. */
export function writeSignal(target: CxOneTarget, access: Access, contactId: string, params: Params): SignalRequest {
  const url = `${access.apiEndpoint}/inContactAPI/services/${encodeURIComponent(target.apiVersion)}/interactions/${contactId}/signal`;
  const authorization = `${access.tokenType} ${access.token}`;
  const inQuery: Params = target.paramsIn === "query" ? params : target.paramsIn === "hybrid" ? firstOf(params) : {};
  const query = encodeQuery(inQuery);
  const request = { method: "POST", url: query === "" ? url : `${url}?${query}` } as const;
  if (target.paramsIn === "query") return { ...request, headers: { Authorization: authorization } };
  const headers = { Authorization: authorization, "Content-Type": "application/json" };
  return { ...request, headers, body: JSON.stringify(without(params, inQuery)) };
}

function firstOf({ p1 }: Params): Params {
  return p1 === undefined ? {} : { p1 };
}

function without(params: Params, sent: Params): Params {
  return Object.fromEntries(
    PARAM_NAMES.flatMap((name) =>
      params[name] === undefined || sent[name] !== undefined ? [] : [[name, params[name]]],
    ),
  );
}
