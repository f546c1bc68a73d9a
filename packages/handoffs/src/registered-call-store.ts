/** Calls, and what was handed off with them. */
import { withCommandTimeout } from "@baton/redis/lua-script";
import { findShardTagOfId, requireShardTagOfId, type Shards } from "@baton/redis/shards";

/** KEPT_MS is how long a call is kept: 24 h, as long as an idempotency key. */
const KEPT_MS = 86_400_000;
/**
 * HANDOFF_ID_LENGTH characters come before a call's JSON: the id of the handoff that named it last, which accept.lua
 * writes there, or blanks.
 */
const HANDOFF_ID_LENGTH = 27;

/** StoredCall is a registered call. Of its SIP headers only the contact id is kept. */
export interface StoredCall {
  readonly id: string;
  readonly connectorId: string;
  readonly accountId: string;
  readonly projectId: string;
  readonly environment: string;
  readonly contactId?: string;
  readonly sharedId?: string;
}

/** FoundCall is a call, and the handoff that named it last. */
export interface FoundCall {
  readonly call: StoredCall;
  readonly handoffId?: string;
}

/** createRegisteredCallStore keeps calls in their connectors' shards. Throws when Redis cannot be reached. */
export function createRegisteredCallStore(shards: Shards) {
  return {
    /** register keeps a call. */
    async register(call: StoredCall): Promise<void> {
      const key = `${requireShardTagOfId(shards, "ca", call.id)}:call:${call.id}`;
      const value = " ".repeat(HANDOFF_ID_LENGTH) + JSON.stringify(call);
      await withCommandTimeout(shards.redis.set(key, value, "PX", KEPT_MS));
    },

    /** call finds a call by its id; undefined where there is none, or none any more. */
    async call(id: string): Promise<FoundCall | undefined> {
      const tag = findShardTagOfId(shards, "ca", id);
      if (tag === undefined) return undefined;
      const value = await withCommandTimeout(shards.redis.get(`${tag}:call:${id}`));
      if (value === null) return undefined;
      const handoffId = value.slice(0, HANDOFF_ID_LENGTH).trim();
      return {
        call: JSON.parse(value.slice(HANDOFF_ID_LENGTH)) as StoredCall,
        ...(handoffId === "" ? {} : { handoffId }),
      };
    },

    /** context gives a handoff's context as it rests, sealed; undefined where it came without. */
    async context(handoffId: string): Promise<string | undefined> {
      return (
        (await withCommandTimeout(
          shards.redis.get(`${requireShardTagOfId(shards, "ho", handoffId)}:x:${handoffId}`),
        )) ?? undefined
      );
    },
  };
}
