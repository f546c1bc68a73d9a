/** The doctor on the registry: are Redis, namespace and shards given here those of the running processes? */
import { createConnectorStore, type StoredConnector } from "@baton/registry/connectors";
import { shardsInUse } from "../key-usage.ts";
import { pluralize } from "../output.ts";
import type { AdminView } from "./admin-view.ts";
import { type Check, foundFault, passed, skipped } from "./check.ts";
import type { DoctorEnvironment } from "./environment.ts";
import type { RedisAccess } from "./redis.ts";

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
  return [judgeShards(stored, shards), ...(view.kind === "seen" ? [judgeSame(stored, view)] : [])];
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
