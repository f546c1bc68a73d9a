/** The use cases of admin's routes, each with the parts that it needs. */
import { randomInt } from "node:crypto";
import { CxOneClient } from "@baton/cxone";
import { isAnyMasterFull } from "@baton/redis/server-report";
import type { Metrics } from "@baton/telemetry";
import { createVault } from "@baton/vault";
import { createIssueAdminKey, createListAdminKeys, createRevokeAdminKey } from "./admin-key-use-cases.ts";
import { createApplyConnectorPatch } from "./apply-connector-patch.ts";
import type { AdminRoutes } from "./build-http-server.ts";
import { createIssueToken, createListTokens, createRevokeToken } from "./connector-token-use-cases.ts";
import {
  createChangeConnectorWithRetry,
  createCreateConnector,
  createDeleteConnector,
  createListConnectors,
  createPatchConnector,
  createPreviewConnectorCreation,
  createPreviewConnectorPatch,
  createReadConnector,
} from "./connector-use-cases.ts";
import { createListDeadLetterCauses, createPatchDeadLetterCause } from "./dead-letter-cause-use-cases.ts";
import { createDiscardDeadLetter, createListDeadLetters, createReplayDeadLetter } from "./dead-letter-use-cases.ts";
import { createExplainCxOneAnswer } from "./explain-cxone-answer.ts";
import { createCancelHandoff, createReadHandoff, createSearchHandoffs } from "./handoff-use-cases.ts";
import { createListAuditEntries } from "./list-audit-entries.ts";
import type { AdminParts } from "./open-admin-parts.ts";
import { createPauseUseCases } from "./pause-use-cases.ts";
import { createReadMinuteSeries } from "./read-minute-series.ts";
import { createReadOverview } from "./read-overview.ts";
import type { SessionRoutes } from "./routes/console-session.ts";
import { createPlanRun, createShowKeptPlan } from "./run-plan-use-cases.ts";
import { countOngoingRuns, createRunUseCases } from "./run-use-cases.ts";
import { openCredentials } from "./sealed-connector-credentials.ts";
import { createVerifyConnector } from "./verify-connector.ts";

/** composeAdminRoutes gives each route its use case. */
export function composeAdminRoutes(parts: AdminParts, metrics: Metrics): Omit<AdminRoutes, keyof SessionRoutes> {
  const { config, now } = parts;
  const planRun = createPlanRun(parts);
  const runs = createRunUseCases({ ...parts, planRun });
  return {
    now,
    readOverview: createReadOverview({
      ...parts,
      isRedisFull: () => isAnyMasterFull(parts.redis),
      countOngoingRuns: () => countOngoingRuns(parts.runs),
    }),
    searchHandoffs: createSearchHandoffs(parts),
    readHandoff: createReadHandoff(parts),
    cancelHandoff: createCancelHandoff({
      ...parts,
      onCancelled: ({ connectorId }) =>
        metrics.handoffsEnded.inc({ connector: connectorId, status: "cancelled", reason: "" }),
    }),
    listDeadLetters: createListDeadLetters(parts),
    listCauses: createListDeadLetterCauses(parts),
    patchCause: createPatchDeadLetterCause({ ...parts, now }),
    replayDeadLetter: createReplayDeadLetter({
      ...parts,
      onResult: (result) => metrics.replays.inc({ result }),
      maxPending: config.BATON_MAX_PENDING,
      now,
    }),
    discardDeadLetter: createDiscardDeadLetter(parts),
    planRun,
    showPlan: createShowKeptPlan(parts, runs.findPlan),
    ...runs,
    issueKey: createIssueAdminKey(parts),
    listKeys: createListAdminKeys(parts),
    revokeKey: createRevokeAdminKey(parts),
    listAudit: createListAuditEntries(parts),
    readSeries: createReadMinuteSeries({ ...parts, now }),
    explain: createExplainCxOneAnswer({ ...parts, now }),
    ...composeConnectors(parts, metrics),
  };
}

/** composeConnectors gives each route of connectors and their tokens its use case. */
function composeConnectors(parts: AdminParts, metrics: Metrics) {
  const { config, connectors, heartbeat, http } = parts;
  const vault = createVault(config.BATON_KEYRING);
  const allowedHosts = config.BATON_ALLOWED_HOSTS;
  const changeConnectorWithRetry = createChangeConnectorWithRetry(parts);
  const applyConnectorPatch = createApplyConnectorPatch({ vault, allowedHosts });
  return {
    createConnector: createCreateConnector({
      connectors,
      vault,
      allowedHosts,
      pickShard: () => randomInt(config.BATON_SHARDS),
      now: () => heartbeat.now(),
    }),
    listConnectors: createListConnectors(parts),
    readConnector: createReadConnector(parts),
    previewConnectorCreation: createPreviewConnectorCreation({ allowedHosts }),
    patchConnector: createPatchConnector({ changeConnectorWithRetry, applyConnectorPatch }),
    previewConnectorPatch: createPreviewConnectorPatch({ connectors, applyConnectorPatch }),
    deleteConnector: createDeleteConnector(parts),
    ...createPauseUseCases({ ...parts, changeConnectorWithRetry }),
    verifyConnector: createVerifyConnector({
      connectors,
      accesses: parts.accesses,
      openClient: ({ connector, credentials }) =>
        new CxOneClient({
          target: connector.cxone,
          credentials: openCredentials(vault, connector.id, credentials),
          allowedHosts,
          http,
          onTokenRequest: (result) => metrics.tokenRequests.inc({ connector: connector.id, result }),
        }),
    }),
    issueToken: createIssueToken(parts),
    listTokens: createListTokens(parts),
    revokeToken: createRevokeToken(parts),
  };
}
