/** A typed client of both HTTP APIs, on fetch: for the CLI, the demo, tests, and anyone with TypeScript. */

import { type AdminHandoffClient, createAdminHandoffClient } from "./client-admin-handoffs.ts";
import { type ConnectorClient, createConnectorClient } from "./client-connectors.ts";
import { createDeadLetterClient, type DeadLetterClient } from "./client-dead-letters.ts";
import { createSendRequest } from "./client-http-request.ts";
import { createIngressHandoffClient, type IngressHandoffClient } from "./client-ingress-handoffs.ts";
import { createOverviewPauseAuditClient, type OverviewPauseAuditClient } from "./client-overview-pause-audit.ts";
import { createRunClient, type RunClient } from "./client-runs.ts";
import { createTokenAndKeyClient, type TokenAndKeyClient } from "./client-tokens-and-keys.ts";
import { formatSignInLink, signInCodeSchema } from "./console-session.ts";

/** ClientOptions say where Baton is and which secrets the client sends. */
export interface ClientOptions {
  /** Default: `http://127.0.0.1:8080`. A path in it is kept, for a Baton behind a gateway. */
  readonly ingressUrl?: string;
  /** Default: `http://127.0.0.1:8081`. */
  readonly adminUrl?: string;
  /** A connector token, `bt_…`; the ingress calls need it. */
  readonly token?: string;
  /** An admin key, `ba_…`; the admin calls need it. */
  readonly adminKey?: string;
  /** Longest time without an answer, milliseconds, on top of `waitMs`. Default: 15000. */
  readonly timeoutMs?: number;
}

/**
 * BatonClient calls Baton. Every method throws ProblemError when Baton refuses, and a plain Error with its
 * cause when Baton cannot be reached, gives no whole answer in time, or answers what this client does not know. A word
 * of an enumeration that is not known, as a newer Baton may have, is passed on. What cannot be sent, such as a header's
 * value that is none, throws a TypeError.
 */
export interface BatonClient
  extends IngressHandoffClient,
    AdminHandoffClient,
    OverviewPauseAuditClient,
    DeadLetterClient,
    RunClient,
    ConnectorClient,
    TokenAndKeyClient {
  /** An address that signs its first visitor in to the console, within 10 min, with this admin key's role. */
  createSignInLink(): Promise<string>;
}

/** DEFAULT_TIMEOUT_MS: Baton itself answers 503 within a second; the rest is for the network. */
const DEFAULT_TIMEOUT_MS = 15_000;

/** createBatonClient makes a client; it holds nothing open and needs no closing. */
export function createBatonClient(options: ClientOptions = {}): BatonClient {
  const {
    ingressUrl = "http://127.0.0.1:8080",
    adminUrl = "http://127.0.0.1:8081",
    timeoutMs = DEFAULT_TIMEOUT_MS,
  } = options;
  const toIngress = createSendRequest({ baseUrl: ingressUrl, secret: options.token, secretName: "token", timeoutMs });
  const toAdmin = createSendRequest({ baseUrl: adminUrl, secret: options.adminKey, secretName: "adminKey", timeoutMs });
  return {
    ...createIngressHandoffClient(toIngress),
    ...createAdminHandoffClient(toAdmin),
    ...createOverviewPauseAuditClient(toAdmin),
    ...createDeadLetterClient(toAdmin),
    ...createRunClient(toAdmin),
    ...createConnectorClient(toAdmin),
    ...createTokenAndKeyClient(toAdmin),
    async createSignInLink() {
      const { code } = await toAdmin(signInCodeSchema, { method: "POST", path: "admin/v1/session/links" });
      return formatSignInLink(adminUrl, code);
    },
  };
}
