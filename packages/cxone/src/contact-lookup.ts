/** A contact as CXone reports it: `GET /contacts/{contactId}` of its Reporting API. */
import type { CxOneTarget, SignalOutcome } from "@baton/domain";
import { type JsonObject, readJsonObject, type WholeAnswer } from "./access-fetch-requests.ts";
import type { ApiAccess } from "./api-access-store.ts";
import { CxOneError } from "./cxone-error.ts";
import type { HttpRequest } from "./cxone-http-client.ts";
import type { PrepareResult } from "./token-source.ts";

/**
 * UNKNOWN_CONTACT: the statuses taken for "no such contact" unless the option says otherwise. NICE publishes none;
 * lists of its API answer 204 when empty.
 */
export const UNKNOWN_CONTACT: readonly number[] = [204, 404];

/**
 * CxOneContact is what the Reporting API says of a contact. The members are those of NICE's OpenAPI document, as
 * generated into public clients (calljacob/nice-cxone-api, `ReportingReportingService.ts`), where all of them are
 * optional; NICE's help says that such data may lag behind by minutes. None of it proves that a Studio script acted on
 * a signal.
 */
export interface CxOneContact {
  /** The id that was asked for, with every digit. */
  readonly contactId: string;
  readonly masterContactId?: string;
  /**
   * As CXone says it. Where it does not: false beside an `endReason`, true beside a `contactStateCategory`, which only
   * the document of a running contact has; else absent, and it is not known.
   */
  readonly isActive?: boolean;
  /** Whether the contact has moved on to the historical data. */
  readonly isWarehoused?: boolean;
  readonly endReason?: string;
  readonly stateId?: number;
  readonly stateName?: string;
}

/** buildContactLookupRequest is the request but for its time limit and connection. */
export function buildContactLookupRequest(
  target: CxOneTarget,
  access: ApiAccess,
  contactId: string,
): Pick<HttpRequest, "method" | "url" | "headers"> {
  const url = `${access.apiEndpoint}/inContactAPI/services/${encodeURIComponent(target.apiVersion)}/contacts/${contactId}`;
  return { method: "GET", url, headers: { Authorization: `${access.tokenType} ${access.token}` } };
}

/** parseContactLookupReply reads a 2xx; throws `unreadable` where it holds no contact. */
export function parseContactLookupReply(contactId: string, answer: WholeAnswer): CxOneContact {
  const members = readContactMembers(contactId, answer);
  if (members === undefined)
    throw new CxOneError("unreadable", "CXone's answer is no contact", { httpStatus: answer.status });
  const endReason = readNonEmptyText(members.endReason);
  const isActive =
    readBoolean(members.isActive) ??
    (endReason !== undefined ? false : "contactStateCategory" in members ? true : undefined);
  return withoutUndefined({
    contactId,
    masterContactId: readNonEmptyText(members.masterContactId),
    isActive,
    isWarehoused: readBoolean(members.isWarehoused),
    endReason,
    stateId: typeof members.stateId === "number" ? members.stateId : undefined,
    stateName: readNonEmptyText(members.stateName),
  });
}

/**
 * createContactLookupError says why the contact could not be read. What signals call ambiguous is no risk to a
 * question; what is enough for a signal, a 2xx that breaks off, is no answer to it.
 */
export function createContactLookupError(outcome: SignalOutcome): CxOneError {
  const httpStatus = "httpStatus" in outcome ? outcome.httpStatus : undefined;
  const retryAfterMs = "retryAfterMs" in outcome ? outcome.retryAfterMs : undefined;
  const detail = outcome.kind === "accepted" ? "the answer was cut off" : outcome.detail;
  const words = [httpStatus === undefined ? undefined : `HTTP ${httpStatus}`, detail].filter(
    (word) => word !== undefined,
  );
  return new CxOneError(contactErrorCodeOf(outcome), words.join(": ") || "no answer", { httpStatus, retryAfterMs });
}

/** createNoApiAccessError says why there was no access to ask with. */
export function createNoApiAccessError(
  prepared: Exclude<PrepareResult, { kind: "ready" }> | { readonly kind: "late" },
): CxOneError {
  switch (prepared.kind) {
    case "refused":
      return new CxOneError(prepared.reason, prepared.detail, { httpStatus: prepared.httpStatus });
    case "waiting":
      return new CxOneError("unavailable", prepared.detail, {
        retryAfterMs: Math.max(0, prepared.retryAt - Date.now()),
      });
    case "late":
      return new CxOneError("unavailable", "no token in time");
  }
}

function contactErrorCodeOf(outcome: SignalOutcome): CxOneError["code"] {
  switch (outcome.kind) {
    case "accepted":
      return "unreachable";
    case "unauthorized":
      return outcome.renewal === "refused" ? "credentials" : "unavailable";
    case "redirected":
      return "configuration";
    case "ambiguous":
      return outcome.httpStatus === undefined ? "unreachable" : "unavailable";
    case "rejected":
    case "throttled":
    case "unavailable":
    case "unreachable":
      return outcome.kind;
  }
}

/** JavaScript's numbers do not hold nineteen digits, so ids become strings before anything is parsed. */
const NUMERIC_IDS = /"(contactId|masterContactId)"\s*:\s*(\d+)/g;

/**
 * readContactMembers finds the contact itself, or under the member that generated clients show: `contactId`, or the id.
 */
function readContactMembers(contactId: string, answer: WholeAnswer): JsonObject | undefined {
  const document = readJsonObject({ ...answer, body: answer.body.replace(NUMERIC_IDS, '"$1":"$2"') });
  const inner = document?.[contactId] ?? document?.contactId;
  const members = typeof inner === "object" && inner !== null ? (inner as JsonObject) : document;
  const known = ["contactId", "masterContactId", "isActive", "stateId", "stateName"];
  return members !== undefined && known.some((name) => name in members) ? members : undefined;
}

function readNonEmptyText(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function readBoolean(value: unknown): boolean | undefined {
  return typeof value === "boolean" ? value : undefined;
}

/** withoutUndefined leaves out what CXone did not say. */
function withoutUndefined(
  contact: { readonly [Name in keyof CxOneContact]-?: CxOneContact[Name] | undefined },
): CxOneContact {
  return Object.fromEntries(
    Object.entries(contact).filter(([, value]) => value !== undefined),
  ) as unknown as CxOneContact;
}
