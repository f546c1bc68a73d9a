/** Everything's pause: handoffs are accepted, none is sent. */
import type { EverythingsPause } from "@baton/store";

interface Deps {
  readonly connectors: { pauseEverything(pause: EverythingsPause): Promise<void> };
  readonly pulse: { beat(): Promise<void> };
}

/** PauseEverything holds on every process within 2 s; this one knows at once. */
export type PauseEverything = (pause: EverythingsPause) => Promise<void>;

/** createPauseEverything beats at once, so that this process shows the pause without waiting for its heartbeat. */
export function createPauseEverything({ connectors, pulse }: Deps): PauseEverything {
  return async (pause) => {
    await connectors.pauseEverything(pause);
    await pulse.beat();
  };
}
