/** Contacts: which can be signalled, and what the Studio script behind each one noticed. */
import { z } from "zod";
import { setInBoundedMap } from "./bounded-map.ts";
import { type ContactStatus, contactStatusSchema, type Settings } from "./cxone-behavior-settings.ts";

export const CONTACT_STATES = ["active", "ended", "unknown", "otherBusinessUnit"] as const;
export type ContactState = (typeof CONTACT_STATES)[number];

/**
 * CONTACTS_DECLARED and SCRIPTS_KEPT bound the memory; beyond them the contact that was touched longest ago is
 * forgotten.
 */
const CONTACTS_DECLARED = 100_000;
const SCRIPTS_KEPT = 200_000;
const STATES_KEPT = 100;

/** contactSchema is what declares a contact. */
export const contactSchema = z.strictObject({
  contactId: z.string().regex(/^\d{1,19}$/, "1 to 19 digits, as a string"),
  state: z.enum(CONTACT_STATES),
  /** What a signal to this contact answers; default: what the settings say for its state. */
  status: contactStatusSchema.optional(),
  /** Whether the contact's script has an ONSIGNAL; without one a signal is taken and nothing happens. */
  onSignal: z.boolean().optional(),
});

/**
 * ContactBehavior is what a contact answers, and whether its script has an ONSIGNAL; what is absent is as the settings
 * say.
 */
export interface ContactBehavior {
  readonly status?: ContactStatus | undefined;
  readonly onSignal?: boolean | undefined;
}

/**
 * ScriptReaction is what the Studio script did about a signal: `none` (it had no effect), `noOnSignal` (the script has
 * no ONSIGNAL), `started` (the contact's first), `interrupted` (ONSIGNAL had run before: this one cut in on the caller
 * again), `merged` (another signal of the contact was still unanswered: Studio may count the two as one).
 */
export type ScriptReaction = "none" | "noOnSignal" | "started" | "interrupted" | "merged";

/** ContactView is what is known of one contact now. Instants are epoch milliseconds. */
export interface ContactView {
  readonly contactId: string;
  readonly state: ContactState;
  readonly history: readonly { readonly state: ContactState; readonly at: number }[];
  readonly onSignal: boolean;
}

/** UsualSignalAnswer is what a signal to a contact comes to when nothing else goes wrong. */
export interface UsualSignalAnswer {
  readonly status: number;
  readonly effect: boolean;
  readonly state: ContactState;
}

/** ContactStore keeps all contacts that were declared or signalled. */
export interface ContactStore {
  declare(contactId: string, state: ContactState, options?: ContactBehavior): void;
  /** The contact as it was at `at`, or as it is. */
  view(contactId: string, at?: number): ContactView;
  verdict(contactId: string): UsualSignalAnswer;
  /**
   * Applies a signal that took effect to the script; `alone` is false while another one of the same contact is
   * unanswered.
   */
  signal(accessKeyId: string, contactId: string, alone: boolean): ScriptReaction;
  counts(): {
    readonly declared: number;
    readonly byState: Readonly<Record<ContactState, number>>;
    readonly signalled: number;
  };
  clear(): void;
}

interface DeclaredContact extends ContactBehavior {
  readonly history: { readonly state: ContactState; readonly at: number }[];
}

/** createContactStore starts with no contact declared. `settings` is asked on every use. */
export function createContactStore(settings: () => Settings, clock: () => number): ContactStore {
  const declared = new Map<string, DeclaredContact>();
  /** Business unit and contact → how many signals its script has seen. */
  const scripts = new Map<string, number>();

  function stateOf(contactId: string, at = Number.POSITIVE_INFINITY): ContactState {
    const known = declared.get(contactId)?.history.findLast((entry) => entry.at <= at);
    return known?.state ?? settings().undeclaredContacts;
  }

  return {
    declare(contactId, state, options = {}) {
      const history = [...(declared.get(contactId)?.history ?? []), { state, at: clock() }].slice(-STATES_KEPT);
      setInBoundedMap(declared, contactId, { ...options, history }, CONTACTS_DECLARED);
    },
    view: (contactId, at) => ({
      contactId,
      state: stateOf(contactId, at),
      history: (declared.get(contactId)?.history ?? []).filter((entry) => at === undefined || entry.at <= at),
      onSignal: declared.get(contactId)?.onSignal ?? true,
    }),
    verdict(contactId) {
      const state = stateOf(contactId);
      const status = declared.get(contactId)?.status ?? usualStatus(state, settings());
      return { status, effect: state === "active" && status < 300, state };
    },
    signal(accessKeyId, contactId, alone) {
      const key = `${accessKeyId}/${contactId}`;
      const before = scripts.get(key) ?? 0;
      setInBoundedMap(scripts, key, before + 1, SCRIPTS_KEPT);
      if (declared.get(contactId)?.onSignal === false) return "noOnSignal";
      if (before === 0) return "started";
      return alone ? "interrupted" : "merged";
    },
    counts() {
      const byState = { active: 0, ended: 0, unknown: 0, otherBusinessUnit: 0 };
      for (const contactId of declared.keys()) byState[stateOf(contactId)]++;
      return { declared: declared.size, byState, signalled: scripts.size };
    },
    clear() {
      declared.clear();
      scripts.clear();
    },
  };
}

function usualStatus(state: ContactState, settings: Settings): number {
  switch (state) {
    case "active":
      return settings.signalStatus;
    case "ended":
      return settings.endedStatus;
    case "unknown":
      return settings.unknownStatus;
    case "otherBusinessUnit":
      return settings.otherBusinessUnitStatus;
  }
}
