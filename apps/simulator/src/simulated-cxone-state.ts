/** SimulatedCxOneState: everything one simulator knows, in memory. */

import { type ContactStore, createContactStore } from "./contact-store.ts";
import { DEFAULT_SETTINGS, type Settings, type SettingsChange } from "./cxone-behavior-settings.ts";
import { createFaultStore, type FaultStore } from "./faults.ts";
import type { SigningKey } from "./sign-access-tokens.ts";
import { createSignalStore, SIGNALS_KEPT, type SignalStore } from "./signal-store.ts";
import { createTokenStore, type TokenStore } from "./token-store.ts";

/** SimulatedCxOneState joins the parts: each endpoint is given all of it. */
export interface SimulatedCxOneState {
  readonly signer: SigningKey;
  readonly clock: () => number;
  readonly settings: () => Settings;
  readonly change: (settings: SettingsChange) => Settings;
  readonly contacts: ContactStore;
  readonly faults: FaultStore;
  readonly signals: SignalStore;
  readonly tokens: TokenStore;
  /** As after the start, but for the tokens, which stay valid. */
  reset(): void;
}

export interface SimulatedCxOneStateOptions {
  readonly signer: SigningKey;
  readonly settings?: SettingsChange | undefined;
  readonly signalsKept?: number | undefined;
  readonly clock: () => number;
}

/**
 * createSimulatedCxOneState makes a CXone without contacts, faults or history. `reset` brings back the settings given
 * here.
 */
export function createSimulatedCxOneState({
  signer,
  settings: initial = {},
  signalsKept = SIGNALS_KEPT,
  clock,
}: SimulatedCxOneStateOptions): SimulatedCxOneState {
  let current: Settings = withChange(DEFAULT_SETTINGS, initial);
  const contacts = createContactStore(() => current, clock);
  const faults = createFaultStore();
  const signals = createSignalStore(signalsKept, clock);
  const tokens = createTokenStore(signer, clock);
  return {
    signer,
    clock,
    settings: () => current,
    change(settings) {
      current = withChange(current, settings);
      return current;
    },
    contacts,
    faults,
    signals,
    tokens,
    reset() {
      current = withChange(DEFAULT_SETTINGS, initial);
      contacts.clear();
      faults.clear();
      signals.clear();
      tokens.clear();
    },
  };
}

/** A member that is undefined changes nothing. */
function withChange(settings: Settings, change: SettingsChange): Settings {
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  return { ...settings, ...Object.fromEntries(given) };
}
