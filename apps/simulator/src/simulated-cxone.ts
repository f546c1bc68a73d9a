/** SimulatedCxOne: everything one simulator knows, in memory. */
import { type Contacts, createContacts } from "./contacts.ts";
import { createFaults, type Faults } from "./faults.ts";
import { DEFAULT_SETTINGS, type Settings, type SettingsChange } from "./settings.ts";
import { createSignals, SIGNALS_KEPT, type Signals } from "./signals.ts";
import { createTokens, type SigningKey, type Tokens } from "./tokens.ts";

/** SimulatedCxOne joins the parts: each endpoint is given all of it. */
export interface SimulatedCxOne {
  readonly signer: SigningKey;
  readonly clock: () => number;
  readonly settings: () => Settings;
  readonly change: (settings: SettingsChange) => Settings;
  readonly contacts: Contacts;
  readonly faults: Faults;
  readonly signals: Signals;
  readonly tokens: Tokens;
  /** As after the start, but for the tokens, which stay valid. */
  reset(): void;
}

export interface SimulatedCxOneOptions {
  readonly signer: SigningKey;
  readonly settings?: SettingsChange | undefined;
  readonly signalsKept?: number | undefined;
  readonly clock: () => number;
}

/**
 * createSimulatedCxOne makes a CXone without contacts, faults or history. `reset` brings back the settings given here.
 */
export function createSimulatedCxOne({
  signer,
  settings: initial = {},
  signalsKept = SIGNALS_KEPT,
  clock,
}: SimulatedCxOneOptions): SimulatedCxOne {
  let current: Settings = withChange(DEFAULT_SETTINGS, initial);
  const contacts = createContacts(() => current, clock);
  const faults = createFaults();
  const signals = createSignals(signalsKept, clock);
  const tokens = createTokens(signer, clock);
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
