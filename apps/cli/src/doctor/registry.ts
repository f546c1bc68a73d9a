/** The doctor on the registry: are Redis, namespace and shards given here those of the running processes? */
import { createConnectorStore, type StoredConnector } from "@baton/registry/connectors";
import { createProcessStore, type PresentProcess, type ProcessRole } from "@baton/registry/processes";
import { shardsInUse } from "../key-usage.ts";
import { pluralize } from "../output.ts";
import type { AdminView } from "./admin-view.ts";
import { type Check, FAULT, foundFault, passed, skipped } from "./check.ts";
import type { DoctorEnvironment } from "./environment.ts";
import { nameProcesses } from "./process-keys.ts";
import type { RedisAccess } from "./redis.ts";

/** WITHOUT_SHARD is what becomes of a connector in a shard that a process does not have. */
const WITHOUT_SHARD: Readonly<Record<ProcessRole, string>> = {
  worker: "it sends none of their handoffs",
  ingress: "it answers 503 to their projects",
  admin: "it can neither show nor change their handoffs",
};

/**
 * checkRegistry compares what lies in Redis with the shards given and with what admin shows. Throws when Redis cannot
 * be reached.
 */
export async function checkRegistry(
  { namespace, shards }: DoctorEnvironment,
  access: RedisAccess | undefined,
  view: AdminView,
): Promise<readonly Check[]> {
  if (access === undefined || namespace === undefined)
    return [skipped("connectors", "it takes BATON_REDIS_URL and BATON_NAMESPACE to look")];
  const stored = await createConnectorStore(access.redis, namespace).all();
  const present = await createProcessStore(access.redis, namespace).present();
  return [
    judgeShards(stored, shards),
    ...findProcessesWithFewer(present, shardsInUse(stored)),
    ...(view.kind === "seen" ? [judgeSame(stored, view)] : []),
  ];
}

function judgeShards(stored: readonly StoredConnector[], shards: number | undefined): Check {
  const used = shardsInUse(stored);
  const detail = `${pluralize(stored.length, "connector")} on ${pluralize(used, "shard")}`;
  if (shards === undefined) return skipped("shards", `${detail}; BATON_SHARDS cannot be read`);
  if (used <= shards) return passed("shards", `${detail}, of ${shards}`);
  return foundFault(
    "shards",
    `${detail}, and BATON_SHARDS is ${shards}`,
    `Set BATON_SHARDS to ${used} or more, to the same everywhere: a process with fewer does not find these connectors' handoffs.`,
  );
}

/** findProcessesWithFewer finds those that run since before BATON_SHARDS rose, once a connector is in a new shard. */
function findProcessesWithFewer(present: readonly PresentProcess[], used: number): readonly Check[] {
  const isBehind = ({ shards }: PresentProcess) => shards !== undefined && shards < used;
  const hasNoWorker = !present.some((process) => process.role === "worker" && !isBehind(process));
  return [...Map.groupBy(present.filter(isBehind), ({ role }) => role)].map(([role, behind]) =>
    foundFault(
      "processes' shards",
      `${nameProcesses(behind)}: started with fewer shards than the ${used} that connectors are on, so ${WITHOUT_SHARD[role]}`,
      `Set BATON_SHARDS to ${used} or more on all processes, and restart these; the order is workers, ingress, admin.`,
      role === "worker" && hasNoWorker ? { faults: [FAULT.workers] } : {},
    ),
  );
}

function judgeSame(stored: readonly StoredConnector[], { connectors }: Extract<AdminView, { kind: "seen" }>): Check {
  const here = new Set(stored.map(({ connector }) => connector.id));
  const elsewhere = connectors.filter(({ id }) => !here.has(id));
  if (elsewhere.length === 0) return passed("admin", "it works on this Redis and namespace");
  const detail = `it has ${pluralize(elsewhere.length, "connector")} that this Redis and namespace have not`;
  return foundFault(
    "admin",
    detail,
    "Give BATON_REDIS_URL and BATON_NAMESPACE here as admin has them, or BATON_ADMIN_URL of the admin that is meant.",
  );
}
