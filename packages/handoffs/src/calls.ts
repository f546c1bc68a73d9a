/** Calls, and what was handed off with them. */
import { createScript, withCommandTimeout } from "@baton/redis/script";
import { mustTagOf, type Shards, tagOf } from "@baton/redis/shards";

/** KEPT_MS is how long a call is kept: 24 h, as long as an idempotency key. */
const KEPT_MS = 86_400_000;

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

/** createRegisteredCalls keeps calls in their connectors' shards. Throws when Redis cannot be reached. */
export function createRegisteredCalls(shards: Shards) {
  const register = createScript<object>(import.meta, "call-register");

  return {
    /** register keeps a call. */
    async register(call: StoredCall): Promise<void> {
      await register(shards.redis, mustTagOf(shards, "ca", call.id), {
        id: call.id,
        call: JSON.stringify(call),
        keepMs: KEPT_MS,
      });
    },

    /** call finds a call by its id; undefined where there is none, or none any more. */
    async call(id: string): Promise<FoundCall | undefined> {
      const tag = tagOf(shards, "ca", id);
      if (tag === undefined) return undefined;
      const [call, handoffId] = await withCommandTimeout(shards.redis.hmget(`${tag}:call:${id}`, "call", "handoff"));
      if (call === undefined || call === null) return undefined;
      return {
        call: JSON.parse(call) as StoredCall,
        ...(handoffId === undefined || handoffId === null ? {} : { handoffId }),
      };
    },

    /** context gives a handoff's context as it rests, sealed; undefined where it came without. */
    async context(handoffId: string): Promise<string | undefined> {
      return (
        (await withCommandTimeout(shards.redis.get(`${mustTagOf(shards, "ho", handoffId)}:x:${handoffId}`))) ??
        undefined
      );
    },
  };
}
