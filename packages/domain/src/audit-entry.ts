/** The audit: who did what, when, to which id, with which note, and how it ended. */

/** AUDIT_ACTIONS is everything that is written down. */
export const AUDIT_ACTIONS = [
  "connector.create",
  "connector.change",
  "connector.delete",
  "connector.pause",
  "connector.resume",
  "connector.verify",
  "token.issue",
  "token.revoke",
  "screen-pop-key.issue",
  "screen-pop-key.revoke",
  "admin-key.issue",
  "admin-key.revoke",
  "everything.pause",
  "everything.resume",
  "handoff.cancel",
  "dead-letter.replay",
  "dead-letter.discard",
  "cause.change",
  "replays.start",
  "replays.change",
  "replays.pause",
  "replays.resume",
  "replays.cancel",
  "discards.start",
  "discards.change",
  "discards.pause",
  "discards.resume",
  "discards.cancel",
  "call.unknown-number",
  "call.foreign-number",
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** AUDIT_OUTCOMES: `refused` changed nothing; `unknown` may have changed something: its end is not known. */
export const AUDIT_OUTCOMES = ["done", "refused", "unknown"] as const;
export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number];

/** AuditFacts is what an entry says of the change. It holds no secret, parameter, context or credential. */
export interface AuditFacts {
  /** A newer Baton may know more actions than this one. */
  readonly action: AuditAction | (string & {});
  /** The admin key, or the connector whose token came with a call. */
  readonly actor: { readonly id: string; readonly name: string };
  /** The client's IP address. */
  readonly address?: string;
  /** What it was done to. */
  readonly targetId?: string;
  readonly connectorId?: string;
  readonly note?: string;
  /** JSON pointers to the members that a change gave, without their values. */
  readonly members?: readonly string[];
  /** What else is worth knowing, by name. */
  readonly about?: Readonly<Record<string, string>>;
  /** How many alike it stands for; one unless said. */
  readonly count?: number;
  /** When the first and the last of those that are counted happened; epoch milliseconds. */
  readonly firstAt?: number;
  readonly lastAt?: number;
  /** The slug of the problem that it was refused with. */
  readonly problem?: string;
}

/** AuditEntry is a change on record; `at` is epoch milliseconds. */
export interface AuditEntry extends AuditFacts {
  readonly id: string;
  readonly at: number;
  readonly outcome: AuditOutcome;
}
