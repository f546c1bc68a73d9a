/** The doctor on the registry: are Redis, namespace and shards given here those of the running processes? */
import { createConnectorStore, type StoredConnector } from "@baton/registry/connector-store";
import { createProcessStore, type PresentProcess, type ProcessRole } from "@baton/registry/process-store";
import { pluralize } from "../number-format.ts";
import { countShardsUsedByConnectors } from "../shards-used-by-connectors.ts";
import type { AdminAnswers } from "./admin-answers-for-checks.ts";
import { describeProcessesWithPids } from "./check-processes-for-missing-keys.ts";
import type { DoctorRedis } from "./check-redis.ts";
import { type CheckResult, FAULT, failCheck, passCheck, skipCheck } from "./check-result.ts";
import type { EnvironmentForChecks } from "./environment-for-checks.ts";

/** WITHOUT_SHARD is what becomes of connectors in shards that some processes do not have. */
const WITHOUT_SHARD: Readonly<Record<ProcessRole, string>> = {
  worker: "they send no handoffs of the connectors in the others",
  ingress: "they answer 503 to the projects of connectors in the others",
  admin: "they can neither show nor change handoffs of connectors in the others",
};

/**
 * checkNamespaceAndShards compares what lies in Redis with the shards given and with what admin shows. Throws when
 * Redis cannot be reached.
 */
export async function checkNamespaceAndShards(
  { namespace, shards }: EnvironmentForChecks,
  access: DoctorRedis | undefined,
  answers: AdminAnswers,
): Promise<readonly CheckResult[]> {
  if (access === undefined || namespace === undefined)
    return [skipCheck("connectors", "it takes BATON_REDIS_URL and BATON_NAMESPACE to look")];
  const stored = await createConnectorStore(access.redis, namespace).all();
  const present = await createProcessStore(access.redis, namespace).present();
  return [
    judgeShards(stored, shards),
    ...findProcessesWithFewerShards(present, countShardsUsedByConnectors(stored)),
    ...(answers.kind === "seen" ? [judgeNamespace(stored, answers)] : []),
  ];
}

function judgeShards(stored: readonly StoredConnector[], shards: number | undefined): CheckResult {
  const used = countShardsUsedByConnectors(stored);
  const detail = `${pluralize(stored.length, "connector")} on ${pluralize(used, "shard")}`;
  if (shards === undefined) return skipCheck("shards", `${detail}; BATON_SHARDS cannot be read`);
  if (used <= shards) return passCheck("shards", `${detail}, of ${shards}`);
  return failCheck(
    "shards",
    `${detail}, and BATON_SHARDS is ${shards}`,
    `Set BATON_SHARDS to ${used} or more, to the same everywhere: a process with fewer does not find these connectors' handoffs.`,
  );
}

/**
 * findProcessesWithFewerShards finds those that run since before BATON_SHARDS rose, once a connector is in a new shard.
 */
function findProcessesWithFewerShards(present: readonly PresentProcess[], used: number): readonly CheckResult[] {
  const isBehind = ({ shards }: PresentProcess) => shards !== undefined && shards < used;
  const hasNoWorker = !present.some((process) => process.role === "worker" && !isBehind(process));
  return [...Map.groupBy(present.filter(isBehind), ({ role }) => role)].map(([role, behind]) =>
    failCheck(
      "processes' shards",
      `${describeProcessesWithPids(behind)}: started with fewer than the ${used} shards that connectors are on: ${WITHOUT_SHARD[role]}`,
      `Set BATON_SHARDS to ${used} or more on all processes, and restart these; the order is workers, ingress, admin.`,
      role === "worker" && hasNoWorker ? { faults: [FAULT.workers] } : {},
    ),
  );
}

function judgeNamespace(
  stored: readonly StoredConnector[],
  { connectors }: Extract<AdminAnswers, { kind: "seen" }>,
): CheckResult {
  const here = new Set(stored.map(({ connector }) => connector.id));
  const elsewhere = connectors.filter(({ id }) => !here.has(id));
  if (elsewhere.length === 0) return passCheck("admin", "it works on this Redis and namespace");
  const detail = `it has ${pluralize(elsewhere.length, "connector")} that this Redis and namespace have not`;
  return failCheck(
    "admin",
    detail,
    "Give BATON_REDIS_URL and BATON_NAMESPACE here as admin has them, or BATON_ADMIN_URL of the admin that is meant.",
  );
}
