/** Log lines about connectors whose credentials this worker cannot open. */
import type { Log } from "@baton/runtime";

/** A connector whose keys are missing is logged so often. Milliseconds. */
const MISSING_KEY_LOG_INTERVAL_MS = 60_000;

/** createMissingKeyLog writes one line a minute for each connector whose credentials this worker cannot open. */
export function createMissingKeyLog(log: Log): (connectorId: string, error: unknown) => void {
  const loggedAt = new Map<string, number>();
  return (connectorId, error) => {
    const now = performance.now();
    for (const [id, at] of loggedAt) if (now - at >= MISSING_KEY_LOG_INTERVAL_MS) loggedAt.delete(id);
    if (loggedAt.has(connectorId)) return;
    loggedAt.set(connectorId, now);
    const detail = error instanceof Error ? error.message : String(error);
    log.error(
      { connectorId, detail },
      "its credentials cannot be opened: is the key that sealed them in BATON_KEYRING? its handoffs wait",
    );
  };
}
