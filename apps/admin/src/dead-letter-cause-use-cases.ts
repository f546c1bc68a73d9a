/** Causes: dead letters grouped by what went wrong, of one connector or of all, and what operators made of each. */
import type { Cause, CausePatch, CauseSort, Page } from "@baton/api";
import { type CauseGroup, type CauseState, causeStateUnlessReopened } from "@baton/domain";
import type { DeadLetterStore } from "@baton/handoffs/dead-letter-store";
import type { DeadLetterCauseStateStore, StoredCauseState } from "@baton/registry/dead-letter-cause-state-store";
import { type Cursor, type PageRequest, sortAndCutPage } from "./cursor-pagination.ts";
import type { ExpireOverdueBeforeReading } from "./expire-overdue-before-reading.ts";
import { notFoundRefusal } from "./shared-refusals.ts";

interface Deps {
  readonly deadLetters: Pick<DeadLetterStore, "causes" | "causesOf" | "cause">;
  readonly causeStates: DeadLetterCauseStateStore;
  readonly expireOverdue: ExpireOverdueBeforeReading;
  /** Epoch milliseconds on Redis's clock. */
  readonly now: () => number;
}

interface CauseQuery extends PageRequest {
  readonly connectorId?: string;
  readonly state?: CauseState;
  readonly sort: CauseSort;
}

/** CausePage is a page of causes; `total` counts all pages. */
interface CausePage extends Page<Cause> {
  readonly total: number;
}

export interface DeadLetterCauseUseCases {
  listCauses(query: CauseQuery): Promise<CausePage>;
  /** What is not given stays as it is. Throws Refusal `not-found` for a cause of which there are no dead letters. */
  patchCause(cause: string, patch: CausePatch, by: string): Promise<Cause>;
}

/** createDeadLetterCauseUseCases cuts pages out of a thousand causes at most. */
export function createDeadLetterCauseUseCases(deps: Deps): DeadLetterCauseUseCases {
  const { deadLetters, causeStates, expireOverdue, now } = deps;
  return {
    async listCauses({ connectorId, state, sort, ...page }) {
      if (page.cursor === undefined) await expireOverdue(connectorId);
      const groups = await (connectorId === undefined ? deadLetters.causes() : deadLetters.causesOf(connectorId));
      const said = await causeStates.read(groups.map(({ cause }) => cause));
      const causes = groups
        .map((group) => addCauseState(group, said.get(group.cause)))
        .filter((cause) => state === undefined || cause.state === state);
      const cursorOf = (cause: Cause): Cursor => ({ score: SCORES[sort](cause), member: cause.cause });
      // Sorted otherwise, or counted for another connector, the same position is another place.
      const list = `causes ${sort} ${connectorId ?? ""}`;
      const shown = sortAndCutPage(causes, { list, cursorOf, compare: compareHighestScoreFirst }, page);
      return { ...shown, total: causes.length };
    },
    async patchCause(name, { state, note }, by) {
      const group = await deadLetters.cause(name);
      if (group === undefined) throw notFoundRefusal("cause", name);
      const cause = addCauseState(group, (await causeStates.read([name])).get(name));
      const kept = note ?? cause.note ?? "";
      // This process's idea of Redis's clock may be behind by the length of a round trip: it is said of what was read,
      // in every shard.
      const at = Math.max(now(), group.beganAt, group.lastAt);
      const said = { state: state ?? cause.state, ...(kept === "" ? {} : { note: kept }), by, at };
      await causeStates.write(name, said);
      return addCauseState(group, said);
    },
  };
}

/** addCauseState adds what was said of a cause, as far as it still holds. */
function addCauseState({ beganAt, ...group }: CauseGroup, said: StoredCauseState | undefined): Cause {
  if (said === undefined) return { ...group, state: "open" };
  const { state, note, by, at: changedAt } = said;
  return {
    ...group,
    state: causeStateUnlessReopened(state, changedAt, beganAt),
    ...(note === undefined ? {} : { note }),
    by,
    changedAt,
    ...(beganAt > changedAt ? { reopenedAt: beganAt } : {}),
  };
}

/** SCORES are by what causes are ordered, from the highest down. */
const SCORES: Readonly<Record<CauseSort, (cause: Cause) => number>> = {
  count: ({ count }) => count,
  lastHour: ({ lastHour }) => lastHour,
  latest: ({ lastAt }) => lastAt,
};

function compareHighestScoreFirst(a: Cursor, b: Cursor): number {
  return b.score - a.score || (a.member < b.member ? -1 : a.member > b.member ? 1 : 0);
}
