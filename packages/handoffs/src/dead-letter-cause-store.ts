/** Causes: dead letters grouped by what went wrong. */
import type { CauseGroup } from "@baton/domain";
import {
  createLuaScript,
  cutReplyIntoRows,
  type Reply,
  readReplyList,
  readReplyNumber,
  readReplyText,
  withCommandTimeout,
} from "@baton/redis/lua-script";
import { findShardTagOfId, type Shards } from "@baton/redis/shards";

/** Description is what a shard keeps of a cause while it has dead letters of it. */
type Description = Pick<CauseGroup, "reason" | "waitingFor" | "httpStatus" | "detail" | "beganAt">;

/** MAX_CAUSES are listed of all connectors, the most frequent ones: more are not read. */
const MAX_CAUSES = 1_000;
/** CAUSES_PER_STEP are described in one script: about a millisecond of Redis's time. */
const CAUSES_PER_STEP = 100;
/** MAX_CONNECTORS_NAMED of each cause: an outage may have all connectors. */
const MAX_CONNECTORS_NAMED = 100;
const TEN_MINUTES_PER_HOUR = 6;
/** What a script replies of one cause. */
const CAUSE_VALUES = 9;

/** createDeadLetterCauseStore gives the causes of all shards. Throws when Redis cannot be reached. */
export function createDeadLetterCauseStore(shards: Shards) {
  const causes = createLuaScript(import.meta, "describe-dead-letter-causes");

  async function describeInSteps(tag: string, names: readonly string[]): Promise<readonly CauseGroup[]> {
    const groups: CauseGroup[] = [];
    for (let first = 0; first < names.length; first += CAUSES_PER_STEP) {
      const some = names.slice(first, first + CAUSES_PER_STEP);
      groups.push(...readCauses(await causes(shards.redis, tag, { causes: some, named: MAX_CONNECTORS_NAMED })));
    }
    return groups;
  }

  return {
    /** causesOf groups a connector's dead letters by what went wrong: 201 groups at most. */
    async causesOf(connectorId: string): Promise<readonly CauseGroup[]> {
      const tag = findShardTagOfId(shards, "cn", connectorId);
      return tag === undefined ? [] : readCauses(await causes(shards.redis, tag, { connectorId }));
    },

    /** cause groups the dead letters of one cause; undefined where there are none. */
    async cause(name: string): Promise<CauseGroup | undefined> {
      return mergeCauses((await Promise.all(shards.tags.map((tag) => describeInSteps(tag, [name])))).flat())[0];
    },

    /**
     * causes groups all dead letters by what went wrong, the most frequent first: MAX_CAUSES groups at most, at a cost
     * that does not grow with connectors.
     */
    async causes(): Promise<readonly CauseGroup[]> {
      const ranked = await Promise.all(
        shards.tags.map((tag) =>
          withCommandTimeout(shards.redis.zrevrange(`${tag}:dead:causes`, "0", String(MAX_CAUSES - 1))),
        ),
      );
      const names = [...new Set(ranked.flat())];
      const groups = await Promise.all(shards.tags.map((tag) => describeInSteps(tag, names)));
      return mergeCauses(groups.flat()).toSorted(mostFrequentFirst).slice(0, MAX_CAUSES);
    },
  };
}

function readCauses(flat: readonly Reply[]): readonly CauseGroup[] {
  return cutReplyIntoRows(flat, CAUSE_VALUES).map(readCause);
}

function readCause(row: readonly Reply[]): CauseGroup {
  const recent = readReplyList(row, 3);
  const perTenMinutes = Array.from({ length: TEN_MINUTES_PER_HOUR }, (_, i) => Number(recent[i] ?? 0));
  return {
    ...(JSON.parse(readReplyText(row, 1)) as Description),
    cause: readReplyText(row, 0),
    count: readReplyNumber(row, 2),
    lastHour: sumOf(perTenMinutes),
    perTenMinutes,
    firstAt: readReplyNumber(row, 4),
    lastAt: readReplyNumber(row, 5),
    sampleId: readReplyText(row, 6),
    connectorsTotal: readReplyNumber(row, 7),
    connectors: readReplyList(row, 8).map(String),
  };
}

/** mergeCauses adds up the groups of each cause. */
function mergeCauses(groups: readonly CauseGroup[]): readonly CauseGroup[] {
  const merged = new Map<string, CauseGroup>();
  for (const group of groups) {
    const known = merged.get(group.cause);
    merged.set(group.cause, known === undefined ? group : mergeTwoShardsCause(known, group));
  }
  return [...merged.values()];
}

/** mergeTwoShardsCause adds up two shards' groups of one cause; what describes it is the newer one's. */
function mergeTwoShardsCause(a: CauseGroup, b: CauseGroup): CauseGroup {
  const [newer, older] = b.lastAt > a.lastAt ? [b, a] : [a, b];
  return {
    ...newer,
    count: a.count + b.count,
    lastHour: a.lastHour + b.lastHour,
    perTenMinutes: a.perTenMinutes.map((count, i) => count + (b.perTenMinutes[i] ?? 0)),
    // While one shard has dead letters of it, the cause is not empty.
    beganAt: Math.min(a.beganAt, b.beganAt),
    firstAt: Math.min(a.firstAt, b.firstAt),
    connectors: [...newer.connectors, ...older.connectors].slice(0, MAX_CONNECTORS_NAMED),
    connectorsTotal: a.connectorsTotal + b.connectorsTotal,
  };
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

function mostFrequentFirst(a: CauseGroup, b: CauseGroup): number {
  return b.count - a.count || (a.cause < b.cause ? -1 : 1);
}
