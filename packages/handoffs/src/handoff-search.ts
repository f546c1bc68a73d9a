/** Finding handoffs: by contact, shared id, idempotency key, connector, status, or what they wait for. */

import { createHash } from "node:crypto";
import type { HandoffStatus, WaitingFor } from "@baton/domain";
import type { PageCursor } from "@baton/redis/shard-pages";
import { type Shards, shardTagsOfConnector } from "@baton/redis/shards";
import { createHandoffPageReader, type HandoffPage } from "./handoff-page-reader.ts";

/** HandoffFilter: all that is given must hold. `idempotencyKey` is the digest that `accept` was given. */
export interface HandoffFilter {
  readonly contactId?: string;
  readonly sharedId?: string;
  readonly idempotencyKey?: string;
  readonly connectorId?: string;
  readonly status?: HandoffStatus;
  readonly waitingFor?: WaitingFor;
}

export type SearchHandoffs = ReturnType<typeof createHandoffSearch>;

/** createHandoffSearch pages through handoffs of all shards, the newest accepted first. */
export function createHandoffSearch(shards: Shards) {
  const readPages = createHandoffPageReader(shards);
  return async (filter: HandoffFilter, options: { before?: PageCursor; limit: number }): Promise<HandoffPage> => {
    const { contactId, sharedId, idempotencyKey, connectorId, status, waitingFor } = filter;
    const where = { ct: contactId, sh: sharedId, ik: idempotencyKey, cn: connectorId, st: status };
    const query = { index: chooseHandoffIndex(filter), where, waitingFor, ...options };
    return readPages(shardTagsOfConnector(shards, connectorId), query);
  };
}

function chooseHandoffIndex({ contactId, sharedId, idempotencyKey, connectorId }: HandoffFilter): string {
  if (idempotencyKey !== undefined) return `:ik:${idempotencyKey}`;
  if (contactId !== undefined) return `:k:${contactId}`;
  if (sharedId !== undefined) return `:sh:${createHash("sha1").update(sharedId).digest("hex")}`;
  return connectorId === undefined ? ":all" : `:of:${connectorId}`;
}
