/** How this CXone behaves where NICE publishes nothing, or publishes a choice. */
import { z } from "zod";

/** 404, 400 and 409 are what a contact that cannot be signalled may answer; a 2xx means "taken, without any effect". */
export const contactStatusSchema = z.literal([404, 400, 409, 200, 202, 204]);
export type ContactStatus = z.infer<typeof contactStatusSchema>;

/** settingsSchema has every setting; DEFAULT_SETTINGS says what they are after the start. */
export const settingsSchema = z.strictObject({
  /** How long a token lives; 0 issues tokens that have already expired. NICE says 3,600. */
  tokenLifetimeSeconds: z.int().min(0).max(86_400),
  /** What a signal that took effect answers; the body is empty. NICE does not say which of the three. */
  signalStatus: z.literal([200, 202, 204]),
  endedStatus: contactStatusSchema,
  unknownStatus: contactStatusSchema,
  otherBusinessUnitStatus: contactStatusSchema,
  /** What a contact is that was not declared. */
  undeclaredContacts: z.enum(["active", "unknown"]),
  /** The member in which errors carry their text: NICE's documents and clients disagree. */
  errorMember: z.enum(["error_description", "errorDescription", "message", "errorMessage"]),
  /** One author saw the token object inside an array of one. */
  tokenInArray: z.boolean(),
  /** The API address that discovery names; null: this simulator itself. */
  apiEndpoint: z.string().min(1).nullable(),
  /** How long every answer to a signal takes, milliseconds; the effect comes at once. */
  latencyMs: z.int().min(0).max(600_000),
  /** How far `/contacts/{id}` and its kin lag behind the truth, milliseconds: NICE warns of 15 minutes and more. */
  contactLagMs: z.int().min(0).max(86_400_000),
});
export type Settings = z.infer<typeof settingsSchema>;

export const settingsChangeSchema = settingsSchema.partial();
/** SettingsChange names the settings to replace; the others stay. */
export type SettingsChange = z.infer<typeof settingsChangeSchema>;

export const DEFAULT_SETTINGS: Settings = {
  tokenLifetimeSeconds: 3_600,
  signalStatus: 202,
  endedStatus: 404,
  unknownStatus: 404,
  otherBusinessUnitStatus: 404,
  undeclaredContacts: "active",
  errorMember: "error_description",
  tokenInArray: false,
  apiEndpoint: null,
  latencyMs: 0,
  contactLagMs: 0,
};
