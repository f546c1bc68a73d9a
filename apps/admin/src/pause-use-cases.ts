/** Pausing and resuming: one connector, or everything. Handoffs are still accepted, none is sent. */
import { type Connector, Refusal } from "@baton/domain";
import type { GlobalPause } from "@baton/registry/connector-store";
import type { ChangeConnectorWithRetry } from "./connector-use-cases.ts";

interface Deps {
  readonly changeConnectorWithRetry: ChangeConnectorWithRetry;
  /** Opens a connector's gate: ends the throttle, the breaker and the wait for the token endpoint. */
  readonly resumeConnector: (connectorId: string) => Promise<unknown>;
  readonly connectors: { pauseEverything(pause: GlobalPause, since?: number): Promise<void> };
  readonly heartbeat: { readonly paused: boolean; send(): Promise<void> };
  /** Epoch milliseconds on Redis's clock. */
  readonly now: () => number;
}

/**
 * PauseUseCases: pauses hold on every process within 2 s; this one knows at once. `until` is epoch milliseconds; a
 * pause without it ends with a resume. Each of the four throws Refusal `invalid-request` for an `until` that is over,
 * and those of one connector `not-found`.
 */
export interface PauseUseCases {
  pauseConnector(id: string, until?: number): Promise<Connector>;
  resumeConnector(id: string): Promise<Connector>;
  pauseEverything(until?: number): Promise<GlobalPause>;
  resumeEverything(): Promise<void>;
}

/**
 * createPauseUseCases sends a heartbeat after each change of everything, so that this process shows it without waiting.
 */
export function createPauseUseCases({
  changeConnectorWithRetry,
  resumeConnector,
  connectors,
  heartbeat,
  now,
}: Deps): PauseUseCases {
  return {
    async pauseConnector(id, until) {
      const pause = pauseUntil(until, now());
      return changeConnectorWithRetry(id, ({ connector }) => ({ connector: { ...withoutPause(connector), ...pause } }));
    },
    async resumeConnector(id) {
      const changed = await changeConnectorWithRetry(id, ({ connector }) => ({
        connector: { ...withoutPause(connector), paused: false },
      }));
      await resumeConnector(changed.id);
      return changed;
    },
    async pauseEverything(until) {
      const pause = pauseUntil(until, now());
      await connectors.pauseEverything(pause, heartbeat.paused ? undefined : now());
      await heartbeat.send();
      return pause;
    },
    async resumeEverything() {
      await connectors.pauseEverything({ paused: false });
      await heartbeat.send();
    },
  };
}

function pauseUntil(until: number | undefined, now: number): GlobalPause & { readonly paused: true } {
  if (until === undefined) return { paused: true };
  if (until > now) return { paused: true, pausedUntil: until };
  throw new Refusal("invalid-request", "the pause would be over already; nothing was changed", {
    errors: [{ pointer: "/until", message: "send an instant that is still to come" }],
  });
}

function withoutPause({ pausedUntil: _, ...connector }: Connector): Connector {
  return connector;
}
