/** Everything's pause: handoffs are accepted, none is sent. */

interface Deps {
  readonly connectors: { stop(stopped: boolean): Promise<void> };
  readonly pulse: { beat(): Promise<void> };
}

/** StopEverything holds on every process within 2 s; this one knows at once. */
export type StopEverything = (stopped: boolean) => Promise<void>;

/** createStopEverything beats at once, so that this process shows the pause without waiting for its pulse. */
export function createStopEverything({ connectors, pulse }: Deps): StopEverything {
  return async (stopped) => {
    await connectors.stop(stopped);
    await pulse.beat();
  };
}
