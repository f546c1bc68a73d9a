/**
 * A cache of the registry's connectors, tokens and keys in a process. It is valid until the registry's version changes,
 * or until the version is not known.
 */
import type { AdminKeyStore, NewAdminKey } from "./admin-keys.ts";
import type { ConnectorStore, StoredConnector } from "./connectors.ts";
import type { StoredToken } from "./tokens.ts";

/** ConnectorCache finds connectors, tokens and the owners of pseudo numbers, mostly without asking Redis. */
export interface ConnectorCache {
  connector(id: string): Promise<StoredConnector | undefined>;
  token(tokenId: string): Promise<StoredToken | undefined>;
  /** The id of the connector that has the number; undefined where none has it. */
  ownerOf(pseudoNumber: string): Promise<string | undefined>;
}

/** createConnectorCache remembers what `store` found for as long as `version` gives the same number. */
export function createConnectorCache(
  store: Pick<ConnectorStore, "read" | "token" | "ownerOf">,
  version: () => number | undefined,
): ConnectorCache {
  return {
    connector: createMemory((id) => store.read(id), version),
    token: createMemory((id) => store.token(id), version),
    ownerOf: createMemory((number) => store.ownerOf(number), version),
  };
}

/** createAdminKeyCache finds admin keys by their ids, for as long as `version` gives the same number. */
export function createAdminKeyCache(
  store: Pick<AdminKeyStore, "key">,
  version: () => number | undefined,
): (id: string) => Promise<NewAdminKey | undefined> {
  return createMemory((id) => store.key(id), version);
}

// Unknown ids are remembered too: a caller with a wrong token does not cost Redis a command each time. Room for what
// twenty thousand connectors bring, twice over; past it the least recently used is removed.
const MOST_REMEMBERED = 50_000;

function createMemory<T>(
  find: (id: string) => Promise<T>,
  version: () => number | undefined,
): (id: string) => Promise<T> {
  // In the order of their last use.
  const remembered = new Map<string, Promise<T>>();
  let of: number | undefined;
  return (id) => {
    const current = version();
    if (current === undefined) return find(id);
    if (current !== of) remembered.clear();
    of = current;
    const known = remembered.get(id);
    const found = known ?? find(id);
    if (known === undefined) found.catch(() => remembered.delete(id));
    remembered.delete(id);
    remembered.set(id, found);
    const [oldest] = remembered.keys();
    if (remembered.size > MOST_REMEMBERED && oldest !== undefined) remembered.delete(oldest);
    return found;
  };
}
