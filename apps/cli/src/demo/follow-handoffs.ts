/** Following handoffs on the screen until they have ended. */
import { setTimeout as sleep } from "node:timers/promises";
import { styleText } from "node:util";
import type { BatonClient, HandoffJson } from "@baton/api";
import { hasEnded } from "@baton/domain";
import type { Scenario } from "./demo-scenarios.ts";
import { formatHandoffLine } from "./handoff-line.ts";
import type { LiveScreen } from "./live-screen.ts";

/** Milliseconds between two requests: quick for an eye, light for Redis. */
const POLL_INTERVAL_MS = 100;
/**
 * After so long a handoff that has not ended counts as a difference. Longer than anything here may take; milliseconds.
 */
const TIMEOUT_MS = 60_000;
/** Handoffs of one page, the most there may be. */
const PAGE_SIZE = 500;

/** FollowedHandoffs gives each scenario's handoff, once it is sent. */
export type FollowedHandoffs = ReadonlyMap<Scenario, HandoffJson>;

export interface FollowOptions {
  readonly operator: BatonClient;
  readonly screen: LiveScreen;
  readonly scenarios: readonly Scenario[];
  /** Grows while `meanwhile` runs. */
  readonly ids: ReadonlyMap<Scenario, string>;
  /** What is done while they are followed. */
  readonly meanwhile: Promise<void>;
}

/** followHandoffsUntilEnded shows `scenarios` until `meanwhile` is done and all of them have ended. */
export async function followHandoffsUntilEnded({
  operator,
  screen,
  scenarios,
  ids,
  meanwhile,
}: FollowOptions): Promise<FollowedHandoffs> {
  const beganAt = performance.now();
  let done = false;
  const finished = meanwhile.then(() => {
    done = true;
  });
  for (;;) {
    const complete = done;
    const handoffs = await readHandoffs(operator, ids);
    const lines = scenarios.map((scenario) => formatHandoffLine(scenario, handoffs.get(scenario)));
    const shown = scenarios.flatMap((scenario) => handoffs.get(scenario) ?? []);
    screen.show(lines, formatFollowedCounts(shown, { of: scenarios.length, ms: performance.now() - beganAt }));
    if ((complete && lines.every(({ ended }) => ended)) || performance.now() - beganAt > TIMEOUT_MS) {
      screen.settle();
      return handoffs;
    }
    await (done ? sleep(POLL_INTERVAL_MS) : Promise.race([sleep(POLL_INTERVAL_MS), finished]));
  }
}

async function readHandoffs(operator: BatonClient, ids: ReadonlyMap<Scenario, string>): Promise<FollowedHandoffs> {
  // Copied before the request: a handoff that is sent later would be missing in its answer.
  const known = [...ids];
  const { items } = await operator.handoffs({ limit: PAGE_SIZE });
  const byId = new Map(items.map((handoff) => [handoff.id, handoff]));
  return new Map(
    known.flatMap(([scenario, id]): [Scenario, HandoffJson][] => {
      const handoff = byId.get(id);
      return handoff === undefined ? [] : [[scenario, handoff]];
    }),
  );
}

function formatFollowedCounts(
  handoffs: readonly HandoffJson[],
  { of, ms }: { readonly of: number; readonly ms: number },
): string {
  const count = (status: HandoffJson["status"]) => handoffs.filter((handoff) => handoff.status === status).length;
  const moving = handoffs.filter(({ status }) => !hasEnded(status)).length;
  const parts = [
    styleText("green", `${count("delivered")} delivered`),
    styleText("red", `${count("dead")} dead`),
    `${moving} on their way`,
    `${of - handoffs.length} to come`,
    `${(ms / 1_000).toFixed(1)} s`,
  ];
  return `  ${parts.join(styleText("dim", " · "))}`;
}
