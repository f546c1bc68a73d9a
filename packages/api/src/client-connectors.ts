/** The client's calls to admin about connectors, and about what CXone answers them. */
import { z } from "zod";
import type { SendRequest } from "./client-http-request.ts";
import { type ConnectorChanges, type ConnectorPatch, connectorChangesSchema } from "./connector-patch.ts";
import type { ConnectorBody } from "./connector-request-body.ts";
import { type ConnectorJson, connectorListSchema, connectorSchema } from "./connector-schema.ts";
import { type Verification, type VerifyBody, verificationSchema } from "./connector-verification.ts";
import {
  type ExplainBody,
  type ReceivedExplanation,
  receivedExplanationSchema,
} from "./cxone-answer-explanation-schema.ts";
import type { Page, PageSearch } from "./list-page.ts";
import type { PauseBody, ResumeBody } from "./overview-schema.ts";

/** ConnectorClient creates, reads, changes, pauses, verifies and deletes connectors, and explains answers of theirs. */
export interface ConnectorClient {
  createConnector(connector: ConnectorBody): Promise<ConnectorJson>;
  /** What `createConnector` would make; it does not check whether project and numbers are taken. */
  previewConnector(connector: ConnectorBody): Promise<ConnectorChanges>;
  connectors(search?: PageSearch): Promise<Page<ConnectorJson>>;
  connector(id: string): Promise<ConnectorJson>;
  /** Replaces the fields given; null removes an optional one. */
  patchConnector(id: string, patch: ConnectorPatch): Promise<ConnectorJson>;
  /** What `patchConnector` would change, credentials among it; nothing is changed. */
  previewPatch(id: string, patch: ConnectorPatch): Promise<ConnectorChanges>;
  deleteConnector(id: string): Promise<void>;
  pauseConnector(id: string, body?: PauseBody): Promise<ConnectorJson>;
  resumeConnector(id: string, body?: ResumeBody): Promise<ConnectorJson>;
  /** Tries each step on the way to CXone; with a contact id, sends one real test signal. */
  verifyConnector(id: string, body?: VerifyBody): Promise<Verification>;
  /** What Baton would do about an answer of CXone's; sends nothing. */
  explain(body: ExplainBody): Promise<ReceivedExplanation>;
}

/** MAX_VERIFY_MS: discovery and token take 8 s at most, a test signal an attempt's 30. */
const MAX_VERIFY_MS = 38_000;

const PATH = "admin/v1/connectors";
const DRY_RUN = { dryRun: "true" } as const;

/** createConnectorClient makes these calls of a client. */
export function createConnectorClient(request: SendRequest): ConnectorClient {
  const pathOf = (id: string) => `${PATH}/${encodeURIComponent(id)}`;
  return {
    createConnector: (body) => request(connectorSchema, { method: "POST", path: PATH, body }),
    previewConnector: (body) => request(connectorChangesSchema, { method: "POST", path: PATH, query: DRY_RUN, body }),
    connectors: (query = {}) => request(connectorListSchema, { method: "GET", path: PATH, query }),
    connector: (id) => request(connectorSchema, { method: "GET", path: pathOf(id) }),
    patchConnector: (id, body) => request(connectorSchema, { method: "PATCH", path: pathOf(id), body }),
    previewPatch: (id, body) =>
      request(connectorChangesSchema, { method: "PATCH", path: pathOf(id), query: DRY_RUN, body }),
    deleteConnector: (id) => request(z.undefined(), { method: "DELETE", path: pathOf(id) }),
    pauseConnector: (id, body = {}) => request(connectorSchema, { method: "POST", path: `${pathOf(id)}/pause`, body }),
    resumeConnector: (id, body = {}) =>
      request(connectorSchema, { method: "POST", path: `${pathOf(id)}/resume`, body }),
    // Its steps have time limits of their own, together longer than another call may take.
    verifyConnector: (id, body = {}) =>
      request(verificationSchema, { method: "POST", path: `${pathOf(id)}/verify`, body, extraMs: MAX_VERIFY_MS }),
    explain: (body) => request(receivedExplanationSchema, { method: "POST", path: "admin/v1/explain", body }),
  };
}
