/** Which BullMQ queues there are: two for each shard, in the shard's hash slot. */
import type { Cluster, Redis } from "ioredis";

/** HANDOFFS holds the right to work on a live handoff, now or at a stated time. */
export const HANDOFFS = "handoffs";
/** DEAD_LETTERS shows dead handoffs to every BullMQ tool; the record and its indexes are the truth. */
export const DEAD_LETTERS = "dead-letters";

/** QueueConnection is an ioredis connection; whoever opened it closes it. */
export type QueueConnection = Redis | Cluster;

/** QueueScript is a Lua script with its SHA-1. */
export interface QueueScript {
  readonly source: string;
  readonly sha: string;
}

/** RunScript runs a script on the shard of `tag`, within a time limit. */
export type RunScript = (script: QueueScript, tag: string, args: object) => Promise<unknown>;

/** QueueOptions: `tags` are the shards' hash tags, in the order of their shards; they are BullMQ's prefixes. */
export interface QueueOptions {
  readonly tags: readonly string[];
  readonly connection: QueueConnection;
  /** Where jobs are added: on a connection that others write to as well, so that one write may carry both. Absent: on `connection`. */
  readonly run?: RunScript;
  /** Called for what happens beside a call: lost connections mostly. */
  readonly onError: (error: Error) => void;
}

/** TaggedJob names a handoff in one generation. */
export interface TaggedJob {
  readonly id: string;
  readonly generation: number;
}

/** jobIdOf is BullMQ's id of a job: one for each generation, so that an old one cannot stand in a new one's way. */
export function jobIdOf({ id, generation }: TaggedJob): string {
  return `${id}-${generation}`;
}

/** readJobId is the way back; undefined where Baton made no such id. */
export function readJobId(jobId: string): TaggedJob | undefined {
  const [, id, generation] = /^(.+)-(\d+)$/.exec(jobId) ?? [];
  return id === undefined || generation === undefined ? undefined : { id, generation: Number(generation) };
}

/** EVENTS_KEPT entries a queue: BullMQ writes an event for every move; nothing depends on them, so few are kept. */
export const EVENTS_KEPT = 100;
