/** Routes: each connector with a CXone client of its own, made anew when the connector changes. */
import { type AllowedHosts, CxOneClient, type CxOneHttp, type TokenResult } from "@baton/cxone";
import type { CxOneCredentials, Params } from "@baton/domain";
import type { SealedAccessStore, StoredConnector } from "@baton/store";
import { placeOf, type Vault } from "@baton/vault";
import type { Readiness, Route } from "./deliver-handoff.ts";
import { createSealedAccess } from "./sealed-access.ts";

/** PREPARE_MS is how long a job waits for a token in its worker's hands; then it waits in Redis, and its slot is somebody else's. */
const PREPARE_MS = 250;
/** A job that waits for the token looks again after so long, should nobody release it before. Milliseconds. */
const LOOK_AGAIN_MS = 1_000;

interface Deps {
  readonly directory: { connector(id: string): Promise<StoredConnector | undefined> };
  readonly accesses: SealedAccessStore;
  readonly vault: Pick<Vault, "seal" | "open">;
  readonly http: CxOneHttp;
  readonly allowedHosts: AllowedHosts;
  readonly now: () => number;
  readonly onTokenRequest: (connectorId: string, result: TokenResult) => void;
}

/** createRoutes finds routes by connector; the same one as long as the connector is the same. */
export function createRoutes(deps: Deps) {
  const known = new Map<string, { readonly version: number; readonly route: Route }>();
  return {
    async find(connectorId: string): Promise<Route | undefined> {
      const stored = await deps.directory.connector(connectorId);
      if (stored === undefined) {
        known.delete(connectorId);
        return undefined;
      }
      const before = known.get(connectorId);
      if (before?.version === stored.connector.version) return before.route;
      const route = createRoute(stored, deps);
      known.set(connectorId, { version: stored.connector.version, route });
      return route;
    },

    /** connectors are the ids of those whose route, and with it their credentials, is kept. */
    connectors: (): readonly string[] => [...known.keys()],

    forget(connectorIds: readonly string[]): void {
      for (const id of connectorIds) known.delete(id);
    },
  };
}

function createRoute({ connector, credentials, accessBasis = 1 }: StoredConnector, deps: Deps): Route {
  const client = new CxOneClient({
    target: connector.cxone,
    credentials: openCredentials(connector.id, credentials, deps.vault),
    allowedHosts: deps.allowedHosts,
    accessStore: createSealedAccess({ connectorId: connector.id, basis: accessBasis, ...deps }),
    http: deps.http,
    freshConnections: connector.delivery.guarantee === "at-most-once",
    onTokenRequest: (result) => deps.onTokenRequest(connector.id, result),
  });
  return {
    connector,
    prepare: () => prepare(client, deps.now),
    openParams: (handoffId, sealed) => openJson<Params>(deps.vault, sealed, placeOf("params", connector.id, handoffId)),
  };
}

async function prepare(client: CxOneClient, now: () => number): Promise<Readiness> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(TAKES_LONG), PREPARE_MS);
  try {
    const prepared = await client.prepare({ signal: late.signal });
    switch (prepared.kind) {
      case "ready":
        return { send: (contactId, params, timeLimitMs) => client.signal(contactId, params, { timeLimitMs, access: prepared.access }) };
      case "waiting":
        return { unable: { kind: "token", at: prepared.retryAt } };
      case "refused":
        return { unable: prepared };
    }
  } catch (error) {
    if (error !== TAKES_LONG) throw error;
    return { unable: { kind: "token", at: now() + LOOK_AGAIN_MS } };
  } finally {
    clearTimeout(timer);
  }
}

const TAKES_LONG = new Error("the token takes long");

function openCredentials(connectorId: string, sealed: string, vault: Pick<Vault, "open">): CxOneCredentials {
  return openJson(vault, sealed, placeOf("credentials", connectorId));
}

function openJson<T>(vault: Pick<Vault, "open">, sealed: string, binding: Parameters<Vault["open"]>[1]): T {
  return JSON.parse(vault.open(Buffer.from(sealed, "base64url"), binding).toString("utf8")) as T;
}
