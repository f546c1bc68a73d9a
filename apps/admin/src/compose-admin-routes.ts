/** The use cases of admin's routes, each with the parts that it needs. */
import { randomInt } from "node:crypto";
import { CxOneClient } from "@baton/cxone";
import { isAnyMasterFull } from "@baton/redis/server-report";
import type { Metrics } from "@baton/telemetry";
import { createVault } from "@baton/vault";
import { createAdminKeyUseCases } from "./admin-key-use-cases.ts";
import { createApplyConnectorPatch } from "./apply-connector-patch.ts";
import type { AdminRoutes } from "./build-http-server.ts";
import { createConnectorTokenUseCases } from "./connector-token-use-cases.ts";
import { createChangeConnectorWithRetry, createConnectorUseCases } from "./connector-use-cases.ts";
import { createDeadLetterCauseUseCases } from "./dead-letter-cause-use-cases.ts";
import { createDeadLetterUseCases } from "./dead-letter-use-cases.ts";
import { createExplainCxOneAnswer } from "./explain-cxone-answer.ts";
import { createHandoffUseCases } from "./handoff-use-cases.ts";
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
    ...createHandoffUseCases({
      ...parts,
      onCancelled: ({ connectorId }) =>
        metrics.handoffsEnded.inc({ connector: connectorId, status: "cancelled", reason: "" }),
    }),
    ...createDeadLetterUseCases({
      ...parts,
      onReplay: (result) => metrics.replays.inc({ result }),
      maxPending: config.BATON_MAX_PENDING,
    }),
    ...createDeadLetterCauseUseCases(parts),
    planRun,
    showPlan: createShowKeptPlan(parts, runs.findPlan),
    ...runs,
    ...createAdminKeyUseCases(parts),
    listAudit: createListAuditEntries(parts),
    readSeries: createReadMinuteSeries(parts),
    explain: createExplainCxOneAnswer(parts),
    ...composeConnectors(parts, metrics),
  };
}

/** composeConnectors gives each route of connectors and their tokens its use case. */
function composeConnectors(parts: AdminParts, metrics: Metrics) {
  const { config, connectors, http } = parts;
  const vault = createVault(config.BATON_KEYRING);
  const allowedHosts = config.BATON_ALLOWED_HOSTS;
  const changeConnectorWithRetry = createChangeConnectorWithRetry(parts);
  const applyConnectorPatch = createApplyConnectorPatch({ vault, allowedHosts });
  return {
    ...createConnectorUseCases({
      ...parts,
      vault,
      allowedHosts,
      applyConnectorPatch,
      changeConnectorWithRetry,
      pickShard: () => randomInt(config.BATON_SHARDS),
    }),
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
    ...createConnectorTokenUseCases(parts),
  };
}
