/** CXone's stand-in: tokens, discovery, contacts, signals and faults, over real HTTP and in memory. */

export type { ContactBehavior, ContactState, ContactView, ScriptReaction } from "./contact-store.ts";
export type { Settings, SettingsChange } from "./cxone-behavior-settings.ts";
export {
  FAULT_MEMBERS,
  type Fault,
  type FaultPoint,
  type FaultRule,
  type ScopedFault,
  type StandingFault,
} from "./faults.ts";
export type { ParamName, Params, SeenSignal, SignalCounts, SignalFilter } from "./signal-store.ts";
export { type Simulator, type SimulatorOptions, startSimulator } from "./simulator.ts";
export type { SimulatorControls, SimulatorState } from "./simulator-controls.ts";
export type { Endpoint } from "./simulator-route-types.ts";
export type { AccessKey, TokenRequest } from "./token-store.ts";
