/** SimulatorControls: the same operations for a test in this process and for the endpoints under `/__sim`. */

import { type ContactBehavior, type ContactState, type ContactView, contactSchema } from "./contact-store.ts";
import { type Settings, type SettingsChange, settingsChangeSchema } from "./cxone-behavior-settings.ts";
import { faultRuleSchema, type ScopedFault, type StandingFault } from "./faults.ts";
import type { SeenSignal, SignalCounts, SignalFilter } from "./signal-store.ts";
import type { SimulatedCxOneState } from "./simulated-cxone-state.ts";
import type { AccessKey, TokenRequest } from "./token-store.ts";

/**
 * SimulatorState is counts, standing faults and settings; the records themselves are in `signals` and `tokenRequests`.
 */
export interface SimulatorState {
  readonly signals: SignalCounts;
  readonly contacts: {
    readonly declared: number;
    readonly byState: Readonly<Record<ContactState, number>>;
    readonly signalled: number;
  };
  readonly tokens: { readonly requests: number; readonly issued: number; readonly valid: number };
  readonly connections: number;
  readonly faults: readonly StandingFault[];
  readonly settings: Settings;
}

/**
 * SimulatorControls are what a test does to this CXone; each is also an endpoint under `/__sim`. Instants are epoch
 * milliseconds.
 */
export interface SimulatorControls {
  /**
   * Adds a fault and returns its id. Without `contactId` and `accessKeyId` it meets every request; without `times`,
   * until withdrawn.
   */
  answer(fault: ScopedFault): string;
  withdraw(faultId: string): boolean;
  faults(): readonly StandingFault[];
  /** "CXone is repaired": withdraws every fault and says how many there were. */
  repair(): number;
  /** Declares a contact's state; `options.status` is what a signal to it answers. */
  contact(contactId: string, state: ContactState, options?: ContactBehavior): void;
  contactView(contactId: string): ContactView;
  /** From now on only these credentials work for this `accessKeyId`. */
  accessKey(key: AccessKey): void;
  /** What arrived, oldest first. */
  signals(filter?: SignalFilter): readonly SeenSignal[];
  /** Resolves once `count` matching requests have arrived, counting those already there; never rejects. */
  untilSignals(count: number, filter?: Omit<SignalFilter, "limit">): Promise<readonly SeenSignal[]>;
  tokenRequests(accessKeyId?: string): readonly TokenRequest[];
  /** Revokes the tokens of one access key, or all; says how many were valid. */
  revokeTokens(accessKeyId?: string): number;
  /** Replaces the settings that are given and returns all. */
  settings(change?: SettingsChange): Settings;
  state(): SimulatorState;
  /** As after the start: no faults, contacts, access keys or history. Tokens stay valid; `revokeTokens` ends them. */
  reset(): void;
}

/**
 * createSimulatorControls checks what it is given as the endpoints do, and throws zod's error in words where it cannot
 * be meant.
 */
export function createSimulatorControls(cxone: SimulatedCxOneState, connections: () => number): SimulatorControls {
  const { faults, contacts, signals, tokens } = cxone;
  return {
    answer({ on, times, contactId, accessKeyId, ...fault }) {
      const rule = faultRuleSchema.parse({ scope: { contactId, accessKeyId }, on, times, fault });
      return faults.add({ ...rule.fault, ...rule.scope, on: rule.on, times: rule.times });
    },
    withdraw: faults.withdraw,
    faults: faults.list,
    repair: faults.clear,
    contact(contactId, state, options = {}) {
      const { contactId: id, state: declared, ...rest } = contactSchema.parse({ contactId, state, ...options });
      contacts.declare(id, declared, rest);
    },
    contactView: (contactId) => contacts.view(contactId),
    accessKey: tokens.declareKey,
    signals: signals.list,
    untilSignals: signals.until,
    tokenRequests: tokens.requests,
    revokeTokens: tokens.revoke,
    settings: (change = {}) => cxone.change(settingsChangeSchema.parse(change)),
    state: () => ({
      signals: signals.counts(),
      contacts: contacts.counts(),
      tokens: tokens.counts(),
      connections: connections(),
      faults: faults.list(),
      settings: cxone.settings(),
    }),
    reset: cxone.reset,
  };
}
