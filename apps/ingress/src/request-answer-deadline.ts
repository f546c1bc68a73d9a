/** The deadline of a request: its sender is answered in time, also where Redis is slow. */
import { nowWithoutEventLoopLag, withEventLoopAwareTimeout } from "@baton/redis/event-loop-aware-redis-timeout";
import { CommandTimeout } from "@baton/redis/lua-script";

/**
 * ANSWER_MS is what a request may take before it is refused: a second is promised, and a busy machine takes its part of
 * that.
 */
const ANSWER_MS = 750;

/**
 * answerDeadlineFromNow gives when the sender of a request that comes now must be answered, as nowWithoutEventLoopLag()
 * counts.
 */
export function answerDeadlineFromNow(): number {
  return nowWithoutEventLoopLag() + ANSWER_MS;
}

/**
 * withAnswerDeadline gives what `work` gives, or throws CommandTimeout at `answerBy` (as nowWithoutEventLoopLag()
 * counts); what comes later is dropped. What is there already costs no promise and no timer.
 */
export function withAnswerDeadline<T>(work: T | Promise<T>, answerBy: number): T | Promise<T> {
  return work instanceof Promise ? withEventLoopAwareTimeout(work, answerBy, createNoAnswerInTimeError) : work;
}

function createNoAnswerInTimeError(): CommandTimeout {
  return new CommandTimeout(`Redis did not answer within the ${ANSWER_MS} ms of a request`);
}
