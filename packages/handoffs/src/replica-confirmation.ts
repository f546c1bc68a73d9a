/** Replication: knowing that a replica has what its master took (`BATON_DURABILITY=replicated`). */

import type { RedisConnection } from "@baton/redis/connection";
import { createLuaScript, withCommandTimeout } from "@baton/redis/lua-script";
import { findShardTagOfId, requireShardTagOfId, type Shards } from "@baton/redis/shards";
import hashSlot from "cluster-key-slot";
import { Cluster, type Redis } from "ioredis";

/**
 * REPLICA_MS is how long one WAIT waits for the replica. A caller that came while one was failing waits for the next:
 * twice this, and the acceptance before it, must stay below a second. Milliseconds.
 */
const REPLICA_MS = 300;
/** How many replicas must have it. */
const REPLICAS = 1;

/** NotReplicated is thrown when no replica had it in time: its master may lose it. */
export class NotReplicated extends Error {
  override readonly name = "NotReplicated";
}

/**
 * ExpectedFields are fields of a record as they must be, so that a replica's answer counts; none: the record must be
 * there.
 */
export type ExpectedFields = Readonly<Record<string, string>>;

interface ReplicationOptions {
  /** A connection of its own: WAIT holds up everything behind it. The caller closes it. */
  readonly redis: RedisConnection;
  readonly shards: Shards;
}

/**
 * ReplicaConfirmation asks masters whether a replica has what they took. Replication is one ordered stream, so one WAIT
 * at a time serves all that asked before it began (group commit): it costs a command or two for each few milliseconds,
 * not for each handoff.
 */
export class ReplicaConfirmation {
  readonly #redis: RedisConnection;
  readonly #shards: Shards;
  readonly #queues = new Map<string, MasterQueue>();

  constructor({ redis, shards }: ReplicationOptions) {
    this.#redis = redis;
    this.#shards = shards;
  }

  /**
   * confirm resolves once a replica has everything that the master of `id`, a handoff's or a call's, took before this
   * call, its record among it, unless `kept` is `any`. Throws NotReplicated, or the driver's error when Redis cannot be
   * reached.
   *
   * After a failover this asks another master than the one that took what is to be confirmed. So name the fields that
   * it wrote: what a master says that does not have them counts for nothing.
   */
  async confirm(id: string, kept: ExpectedFields | "any" = {}): Promise<void> {
    const { tag, key } = this.#placeOf(id);
    const { name, node } = this.#masterOf(tag);
    const queue = this.#queues.get(name) ?? { waiting: [], busy: false };
    this.#queues.set(name, queue);
    return new Promise((resolve, reject) => {
      queue.waiting.push({ tag, record: kept === "any" ? undefined : { key, fields: kept }, resolve, reject });
      if (!queue.busy) void this.#serve(queue, node);
    });
  }

  async #serve(queue: MasterQueue, node: Redis): Promise<void> {
    queue.busy = true;
    while (queue.waiting.length > 0) {
      const group = queue.waiting;
      queue.waiting = [];
      try {
        const missing = await waitForReplica(node, group);
        for (const each of group) {
          if (missing.has(each)) each.reject(new NotReplicated(`${each.record?.key} is not so on this master`));
          else each.resolve();
        }
      } catch (error) {
        for (const each of group) each.reject(error);
        this.#lookAgain();
      }
    }
    queue.busy = false;
  }

  #placeOf(id: string): { readonly tag: string; readonly key: string } {
    const call = findShardTagOfId(this.#shards, "ca", id);
    if (call !== undefined) return { tag: call, key: `:call:${id}` };
    return { tag: requireShardTagOfId(this.#shards, "ho", id), key: `:h:${id}` };
  }

  #masterOf(tag: string): { readonly name: string; readonly node: Redis } {
    if (!(this.#redis instanceof Cluster)) return { name: "", node: this.#redis };
    const [owner = ""] = this.#redis.slots[hashSlot(tag)] ?? [];
    const node = this.#redis.nodes("master").find(({ options: { host, port } }) => `${host}:${port}` === owner);
    if (node !== undefined) return { name: owner, node };
    this.#lookAgain();
    throw new NotReplicated(`no master is known for ${tag}`);
  }

  /**
   * The slot may have moved to another master; only this class sends on this connection, so it must find out by
   * itself.
   */
  #lookAgain(): void {
    if (this.#redis instanceof Cluster) this.#redis.refreshSlotsCache();
  }
}

/** MasterQueue is what waits for the next WAIT of one master. */
interface MasterQueue {
  waiting: Confirmation[];
  busy: boolean;
}

interface Confirmation {
  readonly tag: string;
  readonly record: KeptRecord | undefined;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** KeptRecord is where a record lies behind its tag, and what it must hold. */
interface KeptRecord {
  readonly key: string;
  readonly fields: ExpectedFields;
}

const verifyRecords = createLuaScript(import.meta, "verify-records-before-replica-wait");

/** waitForReplica waits until a replica has what `node` took, and gives those whose record is not so on `node`. */
async function waitForReplica(node: Redis, group: readonly Confirmation[]): Promise<ReadonlySet<Confirmation>> {
  const missing = await Promise.all(
    [...Map.groupBy(group, ({ tag }) => tag)].map(async ([tag, ofTag]) => {
      const reply = await verifyRecords(node, tag, { records: ofTag.map(({ record = null }) => record) });
      return ofTag.filter((_, i) => reply.includes(i + 1));
    }),
  );
  const replicas = await withCommandTimeout(node.wait(REPLICAS, REPLICA_MS));
  if (replicas < REPLICAS) throw new NotReplicated(`no replica had it within ${REPLICA_MS} ms`);
  return new Set(missing.flat());
}
