/** The time within which a caller hears that Redis is away, however many questions its request put to Redis. */
import { attentionNow, inAttention, NoAnswer } from "@baton/store";

/**
 * ANSWER_MS is what a request may take before it is refused: a second is promised, and a busy machine takes its part of
 * that.
 */
const ANSWER_MS = 750;

/** answerByNow gives when the sender of a request that comes now must have heard, as attentionNow() counts. */
export function answerByNow(): number {
  return attentionNow() + ANSWER_MS;
}

/**
 * inTime gives what `work` gives, or throws NoAnswer at `answerBy` (as attentionNow() counts); what comes later is
 * dropped.
 */
export function inTime<T>(work: Promise<T>, answerBy: number): Promise<T> {
  return inAttention(
    work,
    answerBy,
    () => new NoAnswer(`Redis did not answer within the ${ANSWER_MS} ms of a request`),
  );
}
