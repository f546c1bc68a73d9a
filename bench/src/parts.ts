/** The parts of the bench, in the order in which they run. */
import { measureIsolationPart } from "./isolation.ts";
import { measureProfile } from "./profile/profile.ts";
import type { PartOptions, Section } from "./section.ts";
import { measureSpeed } from "./speed/speed.ts";

export const PARTS: Readonly<Record<string, (options: PartOptions) => Promise<Section>>> = {
  speed: measureSpeed,
  profile: measureProfile,
  isolation: measureIsolationPart,
};
