/** A destination: a connector as this worker signals it, with a CXone client of its own. */
import {
  type AllowedHosts,
  CxOneClient,
  type CxOneHttpClient,
  type OnRequest,
  type PrepareResult,
  type TokenRequestResult,
} from "@baton/cxone";
import type { Connector, CxOneCredentials, Params, SignalOutcome } from "@baton/domain";
import type { SealedApiAccessStore } from "@baton/handoffs/sealed-api-access-store";
import type { StoredConnector } from "@baton/registry/connector-store";
import { createSealBinding, openJson, type Vault } from "@baton/vault";
import { createRedisApiAccessStore } from "./redis-api-access-store.ts";

/** DestinationDeps is what every destination shares. */
export interface DestinationDeps {
  readonly accesses: SealedApiAccessStore;
  readonly vault: Pick<Vault, "seal" | "open">;
  readonly http: CxOneHttpClient;
  readonly allowedHosts: AllowedHosts;
  readonly onTokenRequest: (connectorId: string, result: TokenRequestResult) => void;
}

/** SignalLimits: `onRequest` is called as each request of the signal begins. */
export interface SignalLimits {
  readonly timeLimitMs: number;
  readonly onRequest?: OnRequest;
}

/** SignalSender sends one signal to CXone. It never throws for what CXone does. */
export type SignalSender = (contactId: string, params: Params, limits: SignalLimits) => Promise<SignalOutcome>;

/** Destination is a connector as this worker signals it. */
export interface Destination {
  readonly connector: Connector;
  /** Gives a sender of signals with a token, from memory where there is one; undefined where none can be had now. */
  prepare(): Promise<SignalSender | undefined>;
  /** Whether CXone says that a contact has ended, or knows none; false where it cannot be asked. Never rejects. */
  hasEnded(contactId: string, timeLimitMs: number): Promise<boolean>;
  /** Opens what `accept` sealed. Throws where the key is not in the ring. */
  openParams(handoffId: string, sealed: string): Params;
}

/** OwnDestination can also fetch a token where none is in memory, and says how that went. */
export interface OwnDestination extends Destination {
  prepareOrFetch(): Promise<PrepareResult>;
}

/** createDestinationWithCxOneClient throws where the vault cannot open the connector's credentials. */
export function createDestinationWithCxOneClient(
  { connector, credentials, credentialsVersion = 1 }: StoredConnector,
  deps: DestinationDeps,
): OwnDestination {
  const client = new CxOneClient({
    target: connector.cxone,
    credentials: openJson<CxOneCredentials>(deps.vault, credentials, createSealBinding("credentials", connector.id)),
    allowedHosts: deps.allowedHosts,
    accessStore: createRedisApiAccessStore({ connectorId: connector.id, credentialsVersion, ...deps }),
    http: deps.http,
    freshConnections: connector.delivery.guarantee === "at-most-once",
    onTokenRequest: (result) => deps.onTokenRequest(connector.id, result),
  });
  return {
    connector,
    prepareOrFetch: () => client.prepare(),
    async prepare() {
      const prepared = await client.prepare();
      if (prepared.kind !== "ready") return undefined;
      const { access } = prepared;
      return (contactId, params, limits) => client.signal(contactId, params, { ...limits, access });
    },
    async hasEnded(contactId, timeLimitMs) {
      try {
        const contact = await client.getContact(contactId, { timeLimitMs });
        return contact === undefined || contact.isActive === false;
      } catch {
        return false;
      }
    },
    openParams: (handoffId, sealed) =>
      openJson<Params>(deps.vault, sealed, createSealBinding("params", connector.id, handoffId)),
  };
}
