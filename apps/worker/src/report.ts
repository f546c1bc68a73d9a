/** What a delivery tells the log and the metrics: one wide line for each attempt, with nothing of the caller's in it. */
import type { Log } from "@baton/runtime";
import type { InterruptedAttempt } from "@baton/store";
import type { Metrics } from "@baton/telemetry";
import type { DeliveryReport } from "./deliver-handoff.ts";
import type { DeadHandoff } from "./letters.ts";

/** createInterruptedReport counts attempts whose workers died, and writes a line for each. */
export function createInterruptedReport(metrics: Metrics, log: Log): (attempt: InterruptedAttempt) => void {
  return ({ id, connectorId, duplicate, requestId, traceparent }) => {
    metrics.attempts.inc({ connector: connectorId, outcome: "interrupted" });
    if (duplicate) metrics.possibleDuplicates.inc({ connector: connectorId });
    log.info({ handoffId: id, connectorId, outcome: "interrupted", requestId, traceparent }, "attempt");
  };
}

/**
 * createDeathReport counts dead handoffs, and writes a line for each: a warning, unless CXone refused that one contact or
 * its parameters.
 */
export function createDeathReport(metrics: Metrics, log: Log): (dead: DeadHandoff) => void {
  return ({ id, connectorId, reason, cause, attempts, diedAt, correlation }) => {
    metrics.handoffsEnded.inc({ connector: connectorId, status: "dead", reason });
    log[reason === "rejected" ? "info" : "warn"](
      { handoffId: id, connectorId, reason, cause, attempts, diedAt: new Date(diedAt).toISOString(), ...correlation },
      "dead",
    );
  };
}

/** createDeliveryReport counts attempts and writes their lines. */
export function createDeliveryReport(metrics: Metrics, log: Log): DeliveryReport {
  return {
    attempted({ attempt, outcome, durationMs, connector }, after) {
      const labels = { connector: connector.id };
      metrics.attempts.inc({ ...labels, outcome: outcome.kind });
      metrics.signalSeconds.observe(labels, durationMs / 1_000);
      const settled = after.kind === "settled" ? after : undefined;
      if (settled?.duplicate) metrics.possibleDuplicates.inc(labels);
      if (settled?.status === "delivered") {
        metrics.deliverySeconds.observe(labels, Math.max(0, attempt.startedAt + durationMs - attempt.since) / 1_000);
        metrics.handoffsEnded.inc({ ...labels, status: "delivered", reason: "" });
      }
      log.info(
        {
          handoffId: attempt.id,
          connectorId: connector.id,
          attempt: attempt.number,
          outcome: outcome.kind,
          ...("httpStatus" in outcome ? { httpStatus: outcome.httpStatus } : {}),
          ...("detail" in outcome ? { detail: outcome.detail } : {}),
          durationMs,
          sinceDueMs: Math.round(attempt.startedAt - attempt.since),
          status: settled?.status ?? after.kind,
          ...(settled?.reason === undefined ? {} : { reason: settled.reason }),
          ...(settled?.status === "queued" ? { retryInMs: settled.delayMs } : {}),
          ...attempt.correlation,
        },
        "attempt",
      );
    },
    failed({ id, connectorId }, err) {
      log.error({ handoffId: id, connectorId, err }, "could not be handled; it comes back");
    },
    handedBack({ id, connectorId }, correlation) {
      log.warn({ handoffId: id, connectorId, ...correlation }, "not sent: no replica knew of the attempt in time; it comes back");
    },
    newer({ id, connectorId }) {
      log.warn({ handoffId: id, connectorId }, "written by a newer Baton; left to a newer worker");
    },
  };
}
