/** The time within which a caller hears that Redis is away, however many questions its request put to Redis. */
import { NoAnswer } from "@baton/store";

/** ANSWER_MS is what a request may take before it is refused: contract.md §3 allows a second, and the refusal itself takes some. */
export const ANSWER_MS = 850;

/** inTime gives what `work` gives, or throws NoAnswer at `answerBy` (as performance.now() counts); what comes later is dropped. */
export async function inTime<T>(work: Promise<T>, answerBy: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new NoAnswer(`Redis did not answer within the request's ${ANSWER_MS} ms`)),
      answerBy - performance.now(),
    );
  });
  work.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
