/** The registry as a process remembers it: good until the registry's version changes, or nobody knows the version any more. */
import type { ConnectorStore, StoredConnector, StoredToken } from "./connector-store.ts";

/** Directory finds connectors and tokens, mostly without asking Redis. */
export interface Directory {
  connector(id: string): Promise<StoredConnector | undefined>;
  token(tokenId: string): Promise<StoredToken | undefined>;
}

/** createDirectory remembers what `store` found for as long as `version` gives the same number. */
export function createDirectory(store: Pick<ConnectorStore, "read" | "token">, version: () => number | undefined): Directory {
  const connectors = createMemory((id: string) => store.read(id), version);
  const tokens = createMemory((id: string) => store.token(id), version);
  return { connector: connectors, token: tokens };
}

// Unknown ids are remembered too, up to this many: a caller with a wrong token does not cost Redis a command each time.
const MOST_REMEMBERED = 10_000;

function createMemory<T>(find: (id: string) => Promise<T>, version: () => number | undefined): (id: string) => Promise<T> {
  const remembered = new Map<string, Promise<T>>();
  let of: number | undefined;
  return (id) => {
    const current = version();
    if (current === undefined) return find(id);
    if (current !== of || remembered.size >= MOST_REMEMBERED) remembered.clear();
    of = current;
    const known = remembered.get(id);
    if (known !== undefined) return known;
    const found = find(id);
    remembered.set(id, found);
    found.catch(() => remembered.delete(id));
    return found;
  };
}
