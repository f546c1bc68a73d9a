/** The audit as the admin API shows it: entries are added, never changed or deleted by a call. */
import { AUDIT_ACTIONS, AUDIT_OUTCOMES, type AuditEntry } from "@baton/domain";
import { z } from "zod";
import { instantInputSchema, instantSchema, pickFormattedInstants } from "./instant-schemas-and-formatting.ts";
import { namedPageSchemaOf, pageFields } from "./list-page.ts";
import { pickMembers } from "./pick-members.ts";
import { strictObject } from "./strict-object.ts";

/**
 * auditSearchSchema is the query of `GET /admin/v1/audit`; every filter given must fit. `from` and `to` come out as
 * epoch milliseconds.
 */
export const auditSearchSchema = strictObject({
  action: z.enum(AUDIT_ACTIONS).exactOptional(),
  actor: z
    .string()
    .min(1)
    .exactOptional()
    .meta({ description: "The id of an admin key, or of the connector whose token came." }),
  id: z
    .string()
    .min(1)
    .exactOptional()
    .meta({ description: "What it was done to: a handoff, connector, token or key." }),
  connectorId: z.string().min(1).exactOptional(),
  from: instantInputSchema.exactOptional().meta({ description: "At this instant or later." }),
  to: instantInputSchema.exactOptional().meta({ description: "Before this instant." }),
  ...pageFields,
});
export type AuditSearch = z.output<typeof auditSearchSchema>;

/** actorSchema is who did something. */
export const actorSchema = z
  .object({ id: z.string(), name: z.string() })
  .meta({ id: "Actor", description: "The admin key, or the connector whose token came." });

/** auditEntrySchema is an entry in an answer. */
const auditEntrySchema = z
  .object({
    id: z.string(),
    at: instantSchema,
    action: z.string().meta({ description: AUDIT_ACTIONS.map((action) => `\`${action}\``).join(", ") }),
    actor: actorSchema,
    address: z
      .string()
      .exactOptional()
      .meta({ description: "The client's IP address; behind BATON_TRUSTED_PROXIES, the forwarded one." }),
    targetId: z.string().exactOptional().meta({ description: "What it was done to." }),
    connectorId: z.string().exactOptional(),
    note: z.string().exactOptional(),
    members: z
      .array(z.string())
      .exactOptional()
      .meta({ description: "JSON pointers to the fields that a change gave, without their values." }),
    about: z
      .record(z.string(), z.string())
      .exactOptional()
      .meta({ description: "What else is worth knowing, by name." }),
    outcome: z.enum(AUDIT_OUTCOMES).meta({
      description:
        "`done`; `refused`: nothing was changed; `unknown`: it was begun, and its end is not known, because a process died or Redis was away: look at what it was done to.",
    }),
    problem: z.string().exactOptional().meta({ description: "The code of the problem that it was refused with." }),
    count: z.int().exactOptional().meta({
      description: "How many such events this entry stands for, counted until `at`. Absent: one, which happened then.",
    }),
    firstAt: instantSchema.exactOptional().meta({ description: "When the first of those counted happened." }),
    lastAt: instantSchema.exactOptional().meta({ description: "When the last of those counted happened." }),
  })
  .meta({
    id: "AuditEntry",
    description: "Who did what, when, to which id, with which note, and how it ended.",
    examples: [
      {
        id: "au_5VJ2M8W3T1QZ9K4N",
        at: "2026-11-23T10:15:30.123Z",
        action: "dead-letter.replay",
        actor: { id: "7P3M9V0C5X2T8K1Q", name: "Ana, on call" },
        address: "203.0.113.7",
        targetId: "ho_0001JD9X5T2M7Q4RZK8WVNB3CY",
        connectorId: "cn_0001JD9X4A6P3S8TZN5GHWMK2D",
        note: "CXone is repaired",
        outcome: "done",
      },
    ],
  });
export type AuditEntryJson = z.output<typeof auditEntrySchema>;

/** auditListSchema is a page of entries, the newest first; it may be short and still have a next one. */
export const auditListSchema = namedPageSchemaOf(auditEntrySchema, "AuditEntryList");

/** auditEntryToJson writes an entry for an answer. */
export function auditEntryToJson(entry: AuditEntry): AuditEntryJson {
  const { members, about } = entry;
  return {
    ...pickMembers(entry, ["id"]),
    ...pickFormattedInstants(entry, ["at"]),
    ...pickMembers(entry, ["action"]),
    actor: pickMembers(entry.actor, ["id", "name"]),
    ...pickMembers(entry, ["address", "targetId", "connectorId", "note"]),
    ...(members === undefined ? {} : { members: [...members] }),
    ...(about === undefined ? {} : { about: { ...about } }),
    ...pickMembers(entry, ["outcome", "problem", "count"]),
    ...pickFormattedInstants(entry, ["firstAt", "lastAt"]),
  };
}
