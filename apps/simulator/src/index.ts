/** CXone's stand-in: tokens, discovery, contacts, signals and faults, over real HTTP and in memory. */
export type { ContactBehavior, ContactState, ContactView, ScriptReaction } from "./contacts.ts";
export type { Controls, SimulatorState } from "./controls.ts";
export {
  FAULT_MEMBERS,
  type Fault,
  type FaultPoint,
  type FaultRule,
  type ScopedFault,
  type StandingFault,
} from "./faults.ts";
export type { Endpoint } from "./routes.ts";
export type { Settings, SettingsChange } from "./settings.ts";
export type { ParamName, Params, SeenSignal, SignalCounts, SignalFilter } from "./signals.ts";
export { type Simulator, type SimulatorOptions, startSimulator } from "./simulator.ts";
export type { AccessKey, TokenRequest } from "./tokens.ts";
