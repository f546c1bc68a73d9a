/** How a connector stands, in a few words: what keeps it from sending, the first that an operator must know of. */
import { CircleCheck, CirclePause, Hourglass, KeyRound, type LucideIcon, Zap } from "lucide-react";
import type { ConnectorFigures } from "../api/answer-types.ts";
import { formatSinceClause, formatUntilClause } from "../ui/format-numbers-and-times.ts";
import type { Tone } from "../ui/tone.ts";
import { isWaitingForSealingKey } from "./overview-headline.ts";

interface ConnectorStateLook {
  readonly tone: Tone;
  readonly icon: LucideIcon;
  readonly words: string;
}

/** describeConnectorState says it at `now`, epoch milliseconds. */
export function describeConnectorState(connector: ConnectorFigures, now: number): ConnectorStateLook {
  const { paused, breaker, heldUntil, ...since } = connector;
  const span = (from: string | undefined, until?: string) =>
    formatSinceClause(from, now) + formatUntilClause(until, now);
  if (paused) {
    return { tone: "warn", icon: CirclePause, words: `paused${span(since.pausedSince, since.pausedUntil)}` };
  }
  // What waits for a key probes no breaker.
  if (isWaitingForSealingKey(connector)) return { tone: "bad", icon: KeyRound, words: "workers lack a sealing key" };
  if (breaker !== "closed") {
    const words = `${breaker === "open" ? "breaker open" : "probing"}${span(since.breakerSince)}`;
    return { tone: "bad", icon: Zap, words: `${words}${probeWords(connector, now)}` };
  }
  if (heldUntil !== undefined) {
    return { tone: "warn", icon: Hourglass, words: `held${span(since.heldSince, heldUntil)}` };
  }
  return { tone: "good", icon: CircleCheck, words: "sends" };
}

/** An open breaker waits for its next probe; a probe that is under way ends by then. */
function probeWords({ breaker, nextProbeAt }: ConnectorFigures, now: number): string {
  if (nextProbeAt === undefined) return "";
  const until = formatUntilClause(nextProbeAt, now);
  return breaker === "probing" ? until : until.replace(" until ", ", next probe ");
}
