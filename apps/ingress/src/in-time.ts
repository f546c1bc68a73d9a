/** The time within which a caller hears that Redis is away, however many questions its request put to Redis. */
import { NoAnswer } from "@baton/store";

/** ANSWER_MS is what a request may take before it is refused: contract.md §3 allows a second, and a busy machine takes its part of that. */
export const ANSWER_MS = 750;

/** inTime gives what `work` gives, or throws NoAnswer at `answerBy` (as performance.now() counts); what comes later is dropped. */
export function inTime<T>(work: Promise<T>, answerBy: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const refuse = () => reject(new NoAnswer(`Redis did not answer within the ${ANSWER_MS} ms of a request`));
    // A process that was stopped finds the time over and the answer in its socket at once: the answer is read first.
    const timer = setTimeout(() => setImmediate(refuse), Math.max(0, answerBy - performance.now()));
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
