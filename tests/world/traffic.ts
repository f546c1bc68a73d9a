/**
 * Traffic and its ledger: every handoff goes to a contact of its own, so that each answer can be held against what
 * CXone saw.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type createBatonClient, type HandoffJson, ProblemError } from "@baton/api";
import type { SeenSignal } from "@baton/simulator";

type Client = Pick<ReturnType<typeof createBatonClient>, "send">;

/** Answer is what the sender of one handoff was answered; `none` where the connection broke. Times are milliseconds. */
export interface Answer {
  readonly contactId: string;
  readonly kind: "accepted" | "refused" | "none";
  readonly id?: string;
  readonly problem?: ProblemError;
  readonly tookMs: number;
}

let lastContact = 300_000_000_000;

/** nextContact gives a contact that was not used. */
export function nextContact(): string {
  lastContact += 1;
  return String(lastContact);
}

/** trySend sends one handoff and writes down what was answered. */
export async function trySend(
  client: Client,
  { contactId = nextContact(), idempotencyKey = "" } = {},
): Promise<Answer> {
  const askedAt = performance.now();
  const took = () => ({ contactId, tookMs: Math.round(performance.now() - askedAt) });
  try {
    const { id } = await client.send(
      { contactId, params: { p1: "Escalate" } },
      idempotencyKey === "" ? {} : { idempotencyKey },
    );
    return { kind: "accepted", id, ...took() };
  } catch (error) {
    return error instanceof ProblemError ? { kind: "refused", problem: error, ...took() } : { kind: "none", ...took() };
  }
}

/** trySendMany asks `count` times at once. */
export function trySendMany(client: Client, count: number): Promise<readonly Answer[]> {
  return Promise.all(Array.from({ length: count }, () => trySend(client)));
}

/** startTraffic asks `perSecond` times a second until it is stopped, then gives all answers. */
export function startTraffic(client: Client, perSecond: number) {
  const asked: Promise<Answer>[] = [];
  const answers: Answer[] = [];
  const timer = setInterval(() => {
    const answer = trySend(client);
    asked.push(answer);
    void answer.then((known) => answers.push(known));
  }, 1_000 / perSecond);
  return {
    answers: answers as readonly Answer[],
    /** Resolves once `count` more answers of that kind have come. */
    async untilMore(kind: Answer["kind"], count: number): Promise<void> {
      const of = () => answers.filter((answer) => answer.kind === kind).length;
      const wanted = of() + count;
      while (of() < wanted) await sleep(10);
    },
    async stop(): Promise<readonly Answer[]> {
      clearInterval(timer);
      return Promise.all(asked);
    },
  };
}

/** Ledger compares what senders were answered with what CXone saw and how each handoff ended. */
export interface Ledger {
  readonly accepted: number;
  readonly refused: number;
  readonly unanswered: number;
  readonly delivered: number;
  /** Accepted, and neither ended nor there any more. */
  readonly lost: readonly string[];
  /** Refused, and signalled all the same. */
  readonly effectsOfRefused: readonly string[];
  /** Refused for another reason than Redis, or without saying when to come again. */
  readonly strangeRefusals: readonly string[];
  /** Two effects on one contact though its handoff does not say so. */
  readonly unflaggedDuplicates: readonly string[];
  /** Two effects on one contact. */
  readonly duplicates: number;
  readonly slowestRefusalMs: number;
}

/** NOTHING_WRONG is what every ledger must show. */
export const NOTHING_WRONG = {
  lost: [],
  effectsOfRefused: [],
  strangeRefusals: [],
  unflaggedDuplicates: [],
  unanswered: 0,
} as const;

/** drawUpLedger draws up the ledger; every accepted handoff must have ended before. */
export async function drawUpLedger(
  answers: readonly Answer[],
  read: (id: string) => Promise<HandoffJson | undefined>,
  signals: readonly SeenSignal[],
): Promise<Ledger> {
  const effects = countEffects(signals);
  const accepted = answers.filter(({ kind }) => kind === "accepted");
  const refused = answers.filter(({ kind }) => kind === "refused");
  const handoffs = await Promise.all(
    accepted.map(async ({ id = "", contactId }) => ({ contactId, handoff: await read(id) })),
  );
  const twice = handoffs.filter(({ contactId }) => (effects.get(contactId) ?? 0) > 1);
  return {
    accepted: accepted.length,
    refused: refused.length,
    unanswered: answers.length - accepted.length - refused.length,
    delivered: handoffs.filter(({ handoff }) => handoff?.status === "delivered").length,
    lost: handoffs.filter((known) => isLost(known, effects)).map(({ contactId }) => contactId),
    effectsOfRefused: refused.map(({ contactId }) => contactId).filter((contactId) => effects.has(contactId)),
    strangeRefusals: refused.filter((answer) => !isOutage(answer)).map(({ problem }) => String(problem)),
    unflaggedDuplicates: twice
      .filter(({ handoff }) => handoff?.possibleDuplicate !== true)
      .map(({ contactId }) => contactId),
    duplicates: twice.length,
    slowestRefusalMs: Math.max(0, ...refused.map(({ tookMs }) => tookMs)),
  };
}

/** countEffects gives how many signals of each contact had an effect in CXone, by contact. */
export function countEffects(signals: readonly SeenSignal[]): ReadonlyMap<string, number> {
  const effects = new Map<string, number>();
  for (const { contactId, effect } of signals) if (effect) effects.set(contactId, (effects.get(contactId) ?? 0) + 1);
  return effects;
}

/** isOutage knows what is promised about a Redis that is away. */
function isOutage({ problem }: Answer): boolean {
  return problem?.status === 503 && problem.code === "queue-unavailable" && problem.retryAfterMs !== undefined;
}

interface Known {
  readonly contactId: string;
  readonly handoff: HandoffJson | undefined;
}

function isLost({ contactId, handoff }: Known, effects: ReadonlyMap<string, number>): boolean {
  if (handoff === undefined || handoff.status === "queued" || handoff.status === "sending") return true;
  return handoff.status === "delivered" && !effects.has(contactId);
}
