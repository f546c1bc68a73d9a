/** The audit's entry of a request: what it is about to change, and nothing that is secret. */
import { connectorInputSchema, formatInstant } from "@baton/api";
import { type AuditAction, formatJsonPointer } from "@baton/domain";
import type { NewAuditEntry } from "@baton/registry/audit-store";
import { clientAddressOfRequest } from "@baton/runtime";
import type { FastifyRequest } from "fastify";
import { z } from "zod";

const RUN_MEMBERS = [
  ...["planId", "filter", "all", "includeUnknown", "skipEndedContacts"],
  ...["ratePerSecond", "first", "stopWhenDying", "deadlineMs"],
] as const;

/** ABOUT names the members of a body that the audit keeps with their values, by action. No secret may be among them. */
const ABOUT: Partial<Record<AuditAction, readonly string[]>> = {
  "connector.create": ["name", "accountId", "projectId", "environment"],
  "connector.change": ["enabled", "paused"],
  "connector.pause": ["until"],
  "connector.verify": ["contactId"],
  "token.issue": ["overlapMs"],
  "screen-pop-key.issue": ["overlapMs"],
  "admin-key.issue": ["name", "role"],
  "everything.pause": ["until"],
  "cause.change": ["state"],
  "dead-letter.replay": ["force", "deadlineMs"],
  "replays.start": RUN_MEMBERS,
  "replays.change": ["ratePerSecond"],
  "discards.start": RUN_MEMBERS,
  "discards.change": ["ratePerSecond"],
};

const CONNECTOR: unknown = z.toJSONSchema(connectorInputSchema, { io: "input" });

/**
 * isChangingRequest says whether a request changes something: a dry run does not, nor does verifying without a test
 * signal.
 */
export function isChangingRequest(action: AuditAction, { query, body }: FastifyRequest): boolean {
  if (memberOf(query, "dryRun") === "true" || memberOf(body, "dryRun") === true) return false;
  return action !== "connector.verify" || memberOf(body, "contactId") !== undefined;
}

/** buildAuditEntry makes a request's entry. Without a body yet, it says whose it is and what it would be done to. */
export function buildAuditEntry(action: AuditAction, request: FastifyRequest): NewAuditEntry {
  const { actor, params, body } = request;
  if (actor === null) throw new Error("the route runs behind the guard");
  const note = memberOf(body, "note");
  const about = (ABOUT[action] ?? []).flatMap((name) => {
    const value = memberOf(body, name);
    return value === undefined ? [] : [[name, describeMember(name, value)] as const];
  });
  return {
    action,
    actor: { id: actor.id, name: actor.name },
    address: clientAddressOfRequest(request),
    ...idsInPath(request.routeOptions.url ?? "", params),
    ...(typeof note === "string" ? { note } : {}),
    ...(action === "connector.change" ? { members: pointersToGivenFields(body, CONNECTOR) } : {}),
    ...(about.length === 0 ? {} : { about: Object.fromEntries(about) }),
  };
}

/** describeMember writes a member's value; `until` was read into epoch milliseconds. */
function describeMember(name: string, value: unknown): string {
  if (name === "until" && typeof value === "number") return formatInstant(value);
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** idsInPath reads the path. What a request makes has no id yet. */
function idsInPath(pattern: string, params: unknown): Pick<NewAuditEntry, "targetId" | "connectorId"> {
  const [id, tokenId] = [memberOf(params, "id"), memberOf(params, "tokenId")];
  const target = tokenId ?? (/:id\/(?:tokens|screen-pop-keys)$/.test(pattern) ? undefined : id);
  return {
    ...(target === undefined ? {} : { targetId: String(target) }),
    ...(id !== undefined && pattern.startsWith("/admin/v1/connectors/:id") ? { connectorId: String(id) } : {}),
  };
}

/**
 * pointersToGivenFields points at the members of a value, and at those of each object in it, that a JSON schema knows;
 * a list counts as one.
 *
 * A name that the schema does not know is left out: it may be a secret in the wrong place.
 */
function pointersToGivenFields(value: unknown, schema: unknown, at: readonly string[] = []): readonly string[] {
  const known =
    memberOf(resolveReference(schema), "properties") ??
    memberOf(resolveReference(firstOf(memberOf(resolveReference(schema), "anyOf"))), "properties");
  if (!isObject(value) || !isObject(known)) return at.length === 0 ? [] : [formatJsonPointer(at)];
  return Object.entries(value).flatMap(([name, member]) =>
    Object.hasOwn(known, name) ? pointersToGivenFields(member, known[name], [...at, name]) : [],
  );
}

/** resolveReference follows a reference to a schema that has a name. */
function resolveReference(schema: unknown): unknown {
  const reference = memberOf(schema, "$ref");
  return typeof reference === "string"
    ? memberOf(memberOf(CONNECTOR, "$defs"), reference.replace("#/$defs/", ""))
    : schema;
}

function firstOf(list: unknown): unknown {
  return Array.isArray(list) ? list[0] : undefined;
}

function memberOf(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
