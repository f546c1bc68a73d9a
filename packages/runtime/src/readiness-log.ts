/** The log of readiness: one line when it is lost, with the reason, and one when it is back. */
import type { Readiness } from "./health.ts";
import type { Log } from "./log.ts";

/** ReasonedReadiness names the reason by a word that stays while its `detail` changes, as a clock's distance does. */
export interface ReasonedReadiness extends Readiness {
  readonly reason?: string;
}

/** A fault of the configuration, unlike an outage, does not pass by itself. */
const CONFIGURATION = "settings";

/**
 * createReadinessLog gives a function to call with each look at readiness: it writes a line when that or its reason
 * changes.
 */
export function createReadinessLog(log: Log): (readiness: ReasonedReadiness) => void {
  let logged: ReasonedReadiness = { ok: true, detail: "" };
  let since = 0;
  return (readiness) => {
    const { ok, reason, detail } = readiness;
    if (ok === logged.ok && reason === logged.reason && (reason !== CONFIGURATION || detail === logged.detail)) return;
    if (ok) log.info({ afterMs: Math.round(performance.now() - since) }, "ready again");
    else log[reason === CONFIGURATION ? "error" : "warn"]({ reason, detail }, "not ready");
    if (logged.ok) since = performance.now();
    logged = readiness;
  };
}
