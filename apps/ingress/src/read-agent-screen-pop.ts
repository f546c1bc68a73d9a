/** The screen pop: what an agent's desktop shows of a call that was handed off. */
import { handoffStateQuerySchema, parseOrRefuse } from "@baton/api";
import { type Connector, type Handoff, Refusal } from "@baton/domain";
import type { HandoffPage } from "@baton/handoffs/handoff-page-reader";
import type { StoredHandoff } from "@baton/handoffs/handoff-record";
import type { HandoffFilter } from "@baton/handoffs/handoff-search";
import type { FoundCall } from "@baton/handoffs/registered-call-store";
import { nowWithoutEventLoopLag } from "@baton/redis/event-loop-aware-redis-timeout";
import { CommandTimeout } from "@baton/redis/lua-script";
import type { PageCursor } from "@baton/redis/shard-pages";
import { createSealBinding, openJson, type Vault } from "@baton/vault";
import { connectorDisabledRefusal, type FindConnectorByToken } from "./authenticate-token.ts";
import { withAnswerDeadline } from "./request-answer-deadline.ts";

interface Deps {
  readonly findConnectorByToken: FindConnectorByToken;
  readonly handoffs: { read(id: string): Promise<StoredHandoff | undefined> };
  readonly search: (filter: HandoffFilter, options: { before?: PageCursor; limit: number }) => Promise<HandoffPage>;
  readonly calls: {
    call(id: string): Promise<FoundCall | undefined>;
    context(handoffId: string): Promise<string | undefined>;
  };
  readonly vault: Pick<Vault, "open">;
}

/**
 * ScreenPopRequest is a request as it was sent. `answerBy` is when its sender must be answered, as
 * nowWithoutEventLoopLag() counts.
 */
export interface ScreenPopRequest {
  readonly key: string;
  readonly accountId: string;
  readonly projectId: string;
  readonly query: unknown;
  readonly answerBy: number;
}

/** ScreenPop: `id` is the one that was asked for, the handoff's own where it was found by its shared id. */
export interface ScreenPop {
  readonly id: string;
  readonly handoff: Handoff;
  readonly data: Record<string, unknown>;
}

/**
 * ReadAgentScreenPop throws Refusal `unauthenticated`, `forbidden`, `connector-disabled`, `invalid-request` or
 * `not-found`.
 */
export type ReadAgentScreenPop = (request: ScreenPopRequest) => Promise<ScreenPop>;

/** createReadAgentScreenPop opens the context of the one handoff that is shown. */
export function createReadAgentScreenPop(deps: Deps): ReadAgentScreenPop {
  return async ({ key, accountId, projectId, query, answerBy }) => {
    const owner = (await deps.findConnectorByToken({ token: key, prefix: "bk", answerBy }))?.connector;
    if (owner === undefined) throw new Refusal("unauthenticated", "send a valid screen-pop key as x-api-key");
    if (owner.accountId !== accountId || owner.projectId !== projectId) {
      throw new Refusal("forbidden", "this key opens another project");
    }
    if (!owner.enabled) throw connectorDisabledRefusal();
    const refusal = {
      code: "invalid-request",
      detail: "send an id or a shared_id of 1 to 255 characters, once",
    } as const;
    const { id = "", shared_id: sharedId } = parseOrRefuse(handoffStateQuerySchema, query, refusal);
    const found =
      sharedId === undefined
        ? findByHandoffOrCallId(deps, owner, id)
        : findNewestBySharedId(deps, owner, { sharedId, answerBy });
    const handoff = await withAnswerDeadline(found, answerBy);
    if (handoff?.connectorId !== owner.id) throw new Refusal("not-found", "this project has no such handoff");
    const sealed = await withAnswerDeadline(deps.calls.context(handoff.id), answerBy);
    return { id: sharedId === undefined ? id : handoff.id, handoff, data: openContext(deps, handoff, sealed) };
  };
}

/** findByHandoffOrCallId takes the id of a handoff, or of a call: then the handoff that named it last. */
async function findByHandoffOrCallId(
  { handoffs, calls }: Deps,
  owner: Connector,
  id: string,
): Promise<Handoff | undefined> {
  const own = await handoffs.read(id);
  if (own !== undefined) return own.handoff;
  const found = await calls.call(id);
  if (found?.handoffId === undefined || found.call.connectorId !== owner.id) return undefined;
  return (await handoffs.read(found.handoffId))?.handoff;
}

/**
 * findNewestBySharedId looks on where a page is empty: another connector may use the same shared id, at most until the
 * request's time is over.
 */
async function findNewestBySharedId(
  { search }: Deps,
  owner: Connector,
  { sharedId, answerBy }: { sharedId: string; answerBy: number },
): Promise<Handoff | undefined> {
  let before: PageCursor | undefined;
  do {
    const page = await search(
      { sharedId, connectorId: owner.id },
      { limit: 1, ...(before === undefined ? {} : { before }) },
    );
    const [newest] = page.items;
    if (newest !== undefined) return newest.handoff;
    before = page.next;
    if (before === undefined) return undefined;
  } while (nowWithoutEventLoopLag() < answerBy);
  // Not "there is none": that is not known yet.
  throw new CommandTimeout(
    "the shared id is used so often elsewhere that its search did not end within the time of a request",
  );
}

function openContext(
  { vault }: Deps,
  { id, connectorId }: Handoff,
  sealed: string | undefined,
): Record<string, unknown> {
  if (sealed === undefined) return {};
  return openJson<Record<string, unknown>>(vault, sealed, createSealBinding("context", connectorId, id));
}
