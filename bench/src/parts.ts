/** The parts of the bench, in the order in which they run. */
import { measureGrowth } from "./growth/growth.ts";
import { measureIsolation } from "./isolation/isolation.ts";
import { measureJanitor } from "./janitor/janitor.ts";
import { measureMemory } from "./memory/memory.ts";
import { measureOpenLoop } from "./open-loop/open-loop.ts";
import { measurePreferWait } from "./prefer-wait/prefer-wait.ts";
import { measureProfile } from "./profile/profile.ts";
import { measureRuns } from "./runs/runs.ts";
import { measureScale } from "./scale/scale.ts";
import { measureScripts } from "./scripts/scripts.ts";
import type { PartOptions, Section } from "./section.ts";
import { measureSpeed } from "./speed/speed.ts";
import { measureStartup } from "./startup/startup.ts";
import { measureTraces } from "./traces/traces.ts";
import { measureWorkloads } from "./workloads/workloads.ts";

export const PARTS: Readonly<Record<string, (options: PartOptions) => Promise<Section>>> = {
  speed: measureSpeed,
  open: measureOpenLoop,
  workloads: measureWorkloads,
  wait: measurePreferWait,
  growth: measureGrowth,
  janitor: measureJanitor,
  profile: measureProfile,
  scripts: measureScripts,
  memory: measureMemory,
  start: measureStartup,
  isolation: measureIsolation,
  traces: measureTraces,
  runs: measureRuns,
  scale: measureScale,
};
