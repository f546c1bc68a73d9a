/** The parts of the bench, in the order in which they run. */
import { measureGrowth } from "./growth/growth.ts";
import { measureIsolation } from "./isolation/isolation.ts";
import { measureJanitor } from "./janitor/janitor.ts";
import { measureMemory } from "./memory/memory.ts";
import { measureOpen } from "./open/open.ts";
import { measureProfile } from "./profile/profile.ts";
import { measureRuns } from "./runs/runs.ts";
import { measureScale } from "./scale/scale.ts";
import { measureScripts } from "./scripts/scripts.ts";
import type { PartOptions, Section } from "./section.ts";
import { measureSpeed } from "./speed/speed.ts";
import { measureStart } from "./start/start.ts";
import { measureTraces } from "./traces/traces.ts";
import { measureWait } from "./wait/wait.ts";
import { measureWorkloads } from "./workloads/workloads.ts";

export const PARTS: Readonly<Record<string, (options: PartOptions) => Promise<Section>>> = {
  speed: measureSpeed,
  open: measureOpen,
  workloads: measureWorkloads,
  wait: measureWait,
  growth: measureGrowth,
  janitor: measureJanitor,
  profile: measureProfile,
  scripts: measureScripts,
  memory: measureMemory,
  start: measureStart,
  isolation: measureIsolation,
  traces: measureTraces,
  runs: measureRuns,
  scale: measureScale,
};
