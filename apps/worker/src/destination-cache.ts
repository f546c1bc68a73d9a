/** Destinations: kept by connector, made anew when a connector changes, and described to the claims of their shard. */
import { setTimeout as sleep } from "node:timers/promises";
import type { KnownDestination } from "@baton/handoffs/claim-script-arguments-and-reply";
import { isRedisUnavailable } from "@baton/redis/connection";
import type { ConnectorCache } from "@baton/registry/connector-cache";
import { createCheckDestinationReadiness } from "./destination-readiness.ts";
import {
  createDestinationWithCxOneClient,
  type Destination,
  type DestinationDeps,
  type OwnDestination,
} from "./destination-with-cxone-client.ts";

/**
 * A destination that no attempt used for so long is dropped when the registry changes; the next handoff that needs it
 * asks for it again. Milliseconds.
 */
const IDLE_MS = 60_000;

/** How long claims use the registry's earlier version while the next one's connectors are described. Milliseconds. */
const REFRESH_TIMEOUT_MS = 500;

interface Deps extends DestinationDeps {
  readonly connectorCache: Pick<ConnectorCache, "connector">;
  /** The registry's version as the last heartbeat read it. */
  readonly registryVersion: () => number | undefined;
  /** Epoch milliseconds on Redis's clock. */
  readonly now: () => number;
  readonly workerId: string;
  readonly tagOf: (connectorId: string) => string;
  /** A connector whose credentials this worker's ring cannot open. */
  readonly onMissingKey: (connectorId: string, error: unknown) => void;
  readonly onError: (connectorId: string, error: unknown) => void;
}

interface CachedDestination {
  readonly version: number;
  readonly destination: OwnDestination;
  usedAt: number;
}

export type DestinationCache = ReturnType<typeof createDestinationCache>;

/** createDestinationCache keeps destinations in memory, and hands each change to the next claim of its shard. */
export function createDestinationCache(deps: Deps) {
  const known = new Map<string, CachedDestination>();
  const requested = new Set<string>();
  const changes = new Map<string, Map<string, KnownDestination | undefined>>();
  let wake: (tag: string) => void = () => {};
  let version: number | undefined;
  let refreshing: number | undefined;

  async function find(connectorId: string): Promise<CachedDestination | undefined> {
    const stored = await deps.connectorCache.connector(connectorId);
    if (stored === undefined) {
      known.delete(connectorId);
      return undefined;
    }
    const before = known.get(connectorId);
    if (before?.version === stored.connector.version) return before;
    const found = {
      version: stored.connector.version,
      destination: createDestinationWithCxOneClient(stored, deps),
      usedAt: deps.now(),
    };
    known.set(connectorId, found);
    return found;
  }

  const checkReadiness = createCheckDestinationReadiness({
    ...deps,
    find: async (id) => (await find(id))?.destination,
  });

  function handToNextClaim(connectorId: string, destination: KnownDestination | undefined): void {
    const tag = deps.tagOf(connectorId);
    const own = changes.get(tag) ?? new Map<string, KnownDestination | undefined>();
    changes.set(tag, own.set(connectorId, destination));
    wake(tag);
  }

  /**
   * checkCurrentReadiness is `checkReadiness`, once more where the registry changed meanwhile: a token may take
   * seconds, and a pause must hold in two.
   */
  async function checkCurrentReadiness(connectorId: string): Promise<KnownDestination | undefined> {
    for (;;) {
      const of = deps.registryVersion();
      const destination = await checkReadiness(connectorId);
      if (deps.registryVersion() === of) return destination;
    }
  }

  async function requestDescription(connectorId: string): Promise<void> {
    if (requested.has(connectorId)) return;
    requested.add(connectorId);
    try {
      const destination = await checkCurrentReadiness(connectorId);
      // Where no process has a token, the next claim finds until when.
      if (destination === undefined) wake(deps.tagOf(connectorId));
      else handToNextClaim(connectorId, destination);
    } catch (error) {
      // A Redis that is away is asked again by the next claim.
      if (!isRedisUnavailable(error)) deps.onError(connectorId, error);
    } finally {
      requested.delete(connectorId);
    }
  }

  /**
   * refresh describes the destinations in use under the registry's next version. Claims use the earlier one until all
   * are described, or REFRESH_TIMEOUT_MS are over: a token endpoint that hangs delays no other connector's pause. What
   * is described later is sent then.
   */
  async function refresh(next: number): Promise<void> {
    refreshing = next;
    const oldest = deps.now() - IDLE_MS;
    const used = [...known].filter(([, { usedAt }]) => usedAt >= oldest).map(([id]) => id);
    for (const id of known.keys()) if (!used.includes(id)) known.delete(id);
    const described = new Map<string, KnownDestination>();
    const descriptions = used.map(async (id) => {
      try {
        const destination = await checkCurrentReadiness(id);
        if (destination === undefined) return;
        if (refreshing === next) described.set(id, destination);
        else handToNextClaim(id, destination);
      } catch (error) {
        if (!isRedisUnavailable(error)) deps.onError(id, error);
      }
    });
    await Promise.race([Promise.all(descriptions), sleep(REFRESH_TIMEOUT_MS, undefined, { ref: false })]);
    // A later version overtook this one.
    if (refreshing !== next) return;
    refreshing = undefined;
    version = next;
    for (const [id, destination] of described) handToNextClaim(id, destination);
  }

  return {
    /** onChange sets what is called with a shard's tag when its next claim has news. */
    onChange(call: (tag: string) => void): void {
      wake = call;
    },

    /** table names what claims know of this worker now; undefined while the registry's version is not known. */
    table(): string | undefined {
      const current = deps.registryVersion();
      if (current === undefined) return undefined;
      version ??= current;
      if (current !== version && refreshing !== current) void refresh(current);
      return `${deps.workerId}.${version}`;
    },

    /**
     * takeChanges gives what changed in a shard since the last time; `restoreChanges` returns it where the claim was
     * not answered.
     */
    takeChanges(tag: string): ReadonlyMap<string, KnownDestination | undefined> {
      const own = changes.get(tag) ?? new Map<string, KnownDestination | undefined>();
      changes.delete(tag);
      return own;
    },

    restoreChanges(tag: string, taken: ReadonlyMap<string, KnownDestination | undefined>): void {
      if (taken.size > 0) changes.set(tag, new Map([...taken, ...(changes.get(tag) ?? [])]));
    },

    /** requestMissing finds the destinations that a claim missed. */
    requestMissing(connectorIds: readonly string[]): void {
      for (const id of connectorIds) void requestDescription(id);
    },

    /** invalidate has the next claim ask for a destination anew: its token is gone. */
    invalidate(connectorId: string): void {
      handToNextClaim(connectorId, undefined);
    },

    /** connectors are the ids of those that are kept. */
    connectors: (): readonly string[] => [...known.keys()],

    /** forgetDeleted forgets connectors that have been deleted. */
    forgetDeleted(connectorIds: readonly string[]): void {
      for (const id of connectorIds) known.delete(id);
    },

    /** find gives a destination. Throws when Redis cannot be reached, or a key is missing. */
    async find(connectorId: string): Promise<Destination | undefined> {
      const kept = known.get(connectorId);
      if (kept !== undefined) {
        kept.usedAt = deps.now();
        return kept.destination;
      }
      return (await find(connectorId))?.destination;
    },
  };
}
