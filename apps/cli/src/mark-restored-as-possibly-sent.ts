/**
 * `baton mark-restored`: after Redis came back from a backup, what was not over there counts as perhaps sent, before
 * any worker sends it again. It speaks to Redis itself.
 */
import {
  createMarkRestoredHandoffs,
  type MarkedPage,
  type MarkRestoredHandoffs,
} from "@baton/handoffs/mark-handoffs-restored-from-backup";
import { isRedisUnavailable, openRedis, parseRedisUrl } from "@baton/redis/connection";
import { readRedisTime } from "@baton/redis/lua-script";
import { retryThroughFailover } from "@baton/redis/retry-until-redis-answers";
import { createShards, registryHashTag } from "@baton/redis/shards";
import { createConnectorStore } from "@baton/registry/connector-store";
import { createProcessStore, type PresentProcess } from "@baton/registry/process-store";
import { readEnvironment } from "@baton/runtime/environment-reader";
import { variableParsedBy, variables } from "@baton/runtime/environment-variable-schemas";
import { refuseFewerShardsThanUsed } from "./shards-used-by-connectors.ts";

/** MarkRestoredResult is what became of all handoffs that were looked at. */
export type MarkRestoredResult = Omit<MarkedPage, "last">;

const schema = {
  BATON_REDIS_URL: variableParsedBy(parseRedisUrl).describe("the address of Redis, such as redis://127.0.0.1:6379"),
  BATON_NAMESPACE: variables.BATON_NAMESPACE,
  BATON_SHARDS: variables.BATON_SHARDS,
};

/**
 * markRestoredAsPossiblySent marks every shard, page by page; `onPage` gets how many handoffs were marked so far. It
 * may be interrupted and run again.
 */
export async function markRestoredAsPossiblySent(
  {
    markPage,
    tags,
    atMostOnce,
  }: { markPage: MarkRestoredHandoffs; tags: readonly string[]; atMostOnce: readonly string[] },
  onPage: (marked: number) => void,
): Promise<MarkRestoredResult> {
  let sum: MarkRestoredResult = { marked: 0, died: 0, otherVersion: 0, faults: [] };
  for (const tag of tags) {
    let last: MarkedPage["last"];
    do {
      const after = last;
      const page: MarkedPage = await retryThroughFailover(() => markPage(tag, atMostOnce, after));
      sum = {
        marked: sum.marked + page.marked,
        died: sum.died + page.died,
        otherVersion: sum.otherVersion + page.otherVersion,
        faults: [...sum.faults, ...page.faults],
      };
      last = page.last;
      onPage(sum.marked + sum.died);
    } while (last !== undefined);
  }
  return sum;
}

/**
 * MarkRestoredOptions: `isPaused` has everything paused before a process starts; `onPage` gets how many were marked so
 * far.
 */
export interface MarkRestoredOptions {
  readonly isPaused: boolean;
  readonly onPage: (marked: number) => void;
}

/** connectAndMarkPossiblySent throws a ConfigurationFault, or an Error that says what to do first. */
export async function connectAndMarkPossiblySent({
  isPaused,
  onPage,
}: MarkRestoredOptions): Promise<MarkRestoredResult> {
  const env = readEnvironment(schema);
  const redis = openRedis(env.BATON_REDIS_URL, "scripts").on("error", () => undefined);
  try {
    const shards = createShards(redis, env.BATON_NAMESPACE, env.BATON_SHARDS);
    const processes = createProcessStore(redis, env.BATON_NAMESPACE);
    refuseBesideProcesses(await retryThroughFailover(() => processes.present()));
    const store = createConnectorStore(redis, env.BATON_NAMESPACE);
    const connectors = await retryThroughFailover(() => store.all());
    refuseFewerShardsThanUsed(connectors, env.BATON_SHARDS);
    if (isPaused)
      await retryThroughFailover(async () =>
        store.pauseEverything({ paused: true }, await readRedisTime(redis, registryHashTag(env.BATON_NAMESPACE))),
      );
    const atMostOnce = connectors.filter(({ connector }) => connector.delivery.guarantee === "at-most-once");
    const ids = atMostOnce.map(({ connector }) => connector.id);
    return await markRestoredAsPossiblySent(
      { markPage: createMarkRestoredHandoffs(shards), tags: shards.tags, atMostOnce: ids },
      onPage,
    );
  } catch (error) {
    if (!isRedisUnavailable(error)) throw error;
    throw new Error("Redis does not answer; run it again: what is marked stays so", { cause: error });
  } finally {
    redis.disconnect();
  }
}

/** A process that runs accepts handoffs that were not sent yet; those would be marked, too. */
function refuseBesideProcesses(processes: readonly PresentProcess[]): void {
  const [first] = processes;
  if (first === undefined) return;
  throw new Error(
    `${processes.length === 1 ? "a process runs" : `${processes.length} processes run`}, ${first.role} on ${first.host} (${first.pid}) among them; stop all of them, wait for ten seconds, and run this before you start them again`,
  );
}
