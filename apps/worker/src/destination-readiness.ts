/** What claims are to know of a connector: that it is ready, refused, or that this worker does not have its key. */
import { currentPauseOfConnector } from "@baton/domain";
import type { KnownDestination } from "@baton/handoffs/claim-script-arguments-and-reply";
import { isRedisUnavailable } from "@baton/redis/connection";
import type { OwnDestination } from "./destination-with-cxone-client.ts";

/**
 * A description that is valid without end, such as that of a deleted connector, lasts until then. Epoch milliseconds.
 */
const FAR_FUTURE = 8_000_000_000_000;
/** A refusal, and a missing key, are checked again after so long. Milliseconds. */
const REFUSED_MS = 30_000;
const MISSING_KEY_MS = 5_000;

interface Deps {
  /** Gives undefined for a connector that has been deleted; throws where its credentials do not open. */
  readonly find: (connectorId: string) => Promise<OwnDestination | undefined>;
  /** Epoch milliseconds on Redis's clock. */
  readonly now: () => number;
  /** A connector whose credentials this worker's ring cannot open. */
  readonly onMissingKey: (connectorId: string, error: unknown) => void;
}

/**
 * CheckDestinationReadiness gives undefined where no process has a token, which the gate shows. Throws when Redis
 * cannot be reached.
 */
export type CheckDestinationReadiness = (connectorId: string) => Promise<KnownDestination | undefined>;

/** createCheckDestinationReadiness asks for a token where none is in memory, but not for a connector that is paused. */
export function createCheckDestinationReadiness({ find, now, onMissingKey }: Deps): CheckDestinationReadiness {
  return async (connectorId) => {
    let found: OwnDestination | undefined;
    try {
      found = await find(connectorId);
    } catch (error) {
      if (isRedisUnavailable(error)) throw error;
      onMissingKey(connectorId, error);
      return { kind: "keys", until: now() + MISSING_KEY_MS };
    }
    if (found !== undefined) return checkReadiness(found, now);
    return { kind: "refused", until: FAR_FUTURE, reason: "configuration", detail: "its connector has been deleted" };
  };
}

async function checkReadiness(destination: OwnDestination, now: () => number): Promise<KnownDestination | undefined> {
  const { delivery } = destination.connector;
  const pause = currentPauseOfConnector(destination.connector, now());
  if (pause !== undefined) {
    // No token is asked for: a pause is the time to correct the keys. When it ends by itself, this is looked at anew.
    const until = pause.until ?? FAR_FUTURE;
    return { kind: "ready", until, delivery, pausedUntil: until };
  }
  const prepared = await destination.prepareOrFetch();
  switch (prepared.kind) {
    case "ready":
      return { kind: "ready", until: prepared.access.expiresAt, delivery };
    case "refused": {
      const { reason, detail, httpStatus } = prepared;
      const status = httpStatus === undefined ? {} : { httpStatus };
      return { kind: "refused", until: now() + REFUSED_MS, reason, detail, ...status };
    }
    case "waiting":
      return undefined;
  }
}
