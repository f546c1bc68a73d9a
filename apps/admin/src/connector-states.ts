/** How every connector does, those in most trouble first; read in steps that are short for Redis however many there are. */
import type { ConnectorState } from "@baton/handoffs/figures";
import type { ConnectorEntry } from "@baton/registry/connectors";

/** Up to so many connectors each question is answered anew: a survey of them takes Redis a few milliseconds. */
const FEW = 1_000;
/**
 * With more, a survey answers all questions for so long for each connector: twenty thousand are looked at once in 5 s
 * at most, however many ask. Milliseconds.
 */
const KEPT_MS = 0.25;

interface Deps {
  readonly connectors: { entries(): AsyncIterable<readonly ConnectorEntry[]> };
  readonly figures: { states(connectorIds: readonly string[]): Promise<readonly ConnectorState[]> };
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** SurveyedConnector is one connector's state. */
export interface SurveyedConnector extends ConnectorState {
  readonly paused: boolean;
}

/** Survey: all connectors, those in most trouble first. `asOf` is epoch milliseconds. */
export interface Survey {
  readonly asOf: number;
  readonly connectors: readonly SurveyedConnector[];
}

/** TakeSurvey throws when Redis cannot be reached. */
export type TakeSurvey = () => Promise<Survey>;

/** createTakeSurvey looks at all connectors, and shares one look among all who ask where there are many. */
export function createTakeSurvey({ connectors, figures, now }: Deps): TakeSurvey {
  let last: { readonly survey: Promise<Survey>; readonly goodUntil: number } | undefined;

  async function take(): Promise<Survey> {
    const asOf = now();
    const surveyed: SurveyedConnector[] = [];
    for await (const entries of connectors.entries()) {
      const paused = new Set(entries.filter((entry) => entry.paused).map(({ id }) => id));
      const states = await figures.states(entries.map(({ id }) => id));
      surveyed.push(...states.map((state) => ({ ...state, paused: paused.has(state.connectorId) })));
    }
    return { asOf, connectors: surveyed.sort(inMostTroubleFirst) };
  }

  async function takeAndKeep(): Promise<Survey> {
    const survey = take();
    const kept = { survey, goodUntil: Number.POSITIVE_INFINITY };
    // While many are being looked at, whoever asks waits for the same look.
    if (last !== undefined) last = kept;
    try {
      const { length } = (await survey).connectors;
      last = length <= FEW ? undefined : { survey, goodUntil: now() + length * KEPT_MS };
    } catch (error) {
      if (last === kept) last = undefined;
      throw error;
    }
    return survey;
  }

  return () => (last !== undefined && now() < last.goodUntil ? last.survey : takeAndKeep());
}

/** isInTrouble: nothing is sent for it, or something waits or has died. */
export function isInTrouble(connector: SurveyedConnector): boolean {
  return isStopped(connector) || connector.queued > 0 || connector.deadLetters > 0;
}

/** Those that send nothing come first, then who waits longest, then who has most dead letters. */
function inMostTroubleFirst(a: SurveyedConnector, b: SurveyedConnector): number {
  return (
    Number(isStopped(b)) - Number(isStopped(a)) ||
    b.oldestQueuedMs - a.oldestQueuedMs ||
    b.queued - a.queued ||
    b.deadLetters - a.deadLetters ||
    (a.connectorId < b.connectorId ? -1 : 1)
  );
}

function isStopped({ paused, breaker, heldUntil }: SurveyedConnector): boolean {
  return paused || breaker !== "closed" || heldUntil !== undefined;
}
