/**
 * A cache of the registry's connectors, tokens and keys in a process. It is valid until the registry's version changes,
 * or until the version is not known.
 */
import type { AdminKeyStore, NewAdminKey } from "./admin-key-store.ts";
import type { ConnectorStore, StoredConnector } from "./connector-store.ts";
import type { StoredToken } from "./connector-token-store.ts";

/** MaybePromise is the value itself where the cache has it, as for nearly every request. */
export type MaybePromise<T> = T | Promise<T>;

/** mapMaybePromise gives what `next` makes of it, at once where it is there already. */
export function mapMaybePromise<T, R>(found: MaybePromise<T>, next: (value: T) => MaybePromise<R>): MaybePromise<R> {
  return found instanceof Promise ? found.then(next) : next(found);
}

/** ConnectorCache finds connectors, tokens and the owners of pseudo numbers, mostly without asking Redis. */
export interface ConnectorCache {
  connector(id: string): MaybePromise<StoredConnector | undefined>;
  token(tokenId: string): MaybePromise<StoredToken | undefined>;
  /** The id of the connector that has the number; undefined where none has it. */
  ownerOf(pseudoNumber: string): MaybePromise<string | undefined>;
}

/** createConnectorCache remembers what `store` found for as long as `version` gives the same number. */
export function createConnectorCache(
  store: Pick<ConnectorStore, "read" | "token" | "ownerOf">,
  version: () => number | undefined,
): ConnectorCache {
  return {
    connector: createMemoryOfVersion((id) => store.read(id), version),
    token: createMemoryOfVersion((id) => store.token(id), version),
    ownerOf: createMemoryOfVersion((number) => store.ownerOf(number), version),
  };
}

/** createAdminKeyCache finds admin keys by their ids, for as long as `version` gives the same number. */
export function createAdminKeyCache(
  store: Pick<AdminKeyStore, "key">,
  version: () => number | undefined,
): (id: string) => Promise<NewAdminKey | undefined> {
  const find = createMemoryOfVersion((id) => store.key(id), version);
  return async (id) => find(id);
}

// Unknown ids are remembered too: a caller with a wrong token does not cost Redis a command each time. Room for what
// twenty thousand connectors bring, twice over; past it the least recently used is removed.
const MAX_REMEMBERED = 50_000;
/** Until there are so many, none is near its removal, and their order is that in which they were found. */
const ORDERED_FROM = MAX_REMEMBERED / 2;

function createMemoryOfVersion<T>(
  find: (id: string) => Promise<T>,
  version: () => number | undefined,
): (id: string) => MaybePromise<T> {
  const remembered = new Map<string, MaybePromise<T>>();
  let of: number | undefined;

  function findAndRemember(id: string): Promise<T> {
    const asked = find(id);
    remembered.set(id, asked);
    asked.then(
      (found) => {
        // Another version may have been asked for meanwhile.
        if (remembered.get(id) === asked) remembered.set(id, found);
      },
      () => {
        if (remembered.get(id) === asked) remembered.delete(id);
      },
    );
    return asked;
  }

  /** noteUse keeps the order of last use, once there may be too many. */
  function noteUse(id: string, found: MaybePromise<T>): void {
    if (remembered.size < ORDERED_FROM) return;
    remembered.delete(id);
    remembered.set(id, found);
    const [oldest] = remembered.keys();
    if (remembered.size > MAX_REMEMBERED && oldest !== undefined) remembered.delete(oldest);
  }

  return (id) => {
    const current = version();
    if (current === undefined) return find(id);
    if (current !== of) remembered.clear();
    of = current;
    const known = remembered.get(id);
    const found = known === undefined && !remembered.has(id) ? findAndRemember(id) : (known as MaybePromise<T>);
    noteUse(id, found);
    return found;
  };
}
