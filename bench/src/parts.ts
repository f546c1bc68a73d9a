/** The parts of the bench, in the order in which they run. */
import { measureGrowth } from "./growth/growth.ts";
import { measureIsolation } from "./isolation/isolation.ts";
import { measureJanitor } from "./janitor/janitor.ts";
import { measureMemory } from "./memory/memory.ts";
import { measureProfile } from "./profile/profile.ts";
import type { PartOptions, Section } from "./section.ts";
import { measureSpeed } from "./speed/speed.ts";
import { measureStart } from "./start/start.ts";

export const PARTS: Readonly<Record<string, (options: PartOptions) => Promise<Section>>> = {
  speed: measureSpeed,
  growth: measureGrowth,
  janitor: measureJanitor,
  profile: measureProfile,
  memory: measureMemory,
  start: measureStart,
  isolation: measureIsolation,
};
