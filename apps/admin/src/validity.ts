/** How long what admin asks of a script may still run there. */

/**
 * VALID_MS: what comes to its script later than this is not done, because its operator was answered 503 by then (after
 * 800 ms, the store's COMMAND_TIMEOUT_MS). What lies between is more than a clock may be off that is trusted within a
 * beat. Milliseconds.
 */
export const VALID_MS = 600;
