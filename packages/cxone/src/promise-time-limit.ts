/** Waiting for a promise, but not for ever. */

/**
 * awaitWithTimeLimit gives the promise's value, or `late` when it does not come in `limitMs`. The promise goes on; its
 * late rejection is ignored.
 */
export async function awaitWithTimeLimit<T, L>(promise: Promise<T>, limitMs: number, late: L): Promise<T | L> {
  const { promise: limit, resolve } = Promise.withResolvers<L>();
  const timer = setTimeout(resolve, Math.max(0, limitMs), late);
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** rejectWhenAborted gives the promise's value, or rejects with the signal's reason as soon as it is aborted. */
export async function rejectWhenAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
