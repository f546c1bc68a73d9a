/**
 * What a worker writes of attempts and runs to the log, the metrics and its traces: one wide line and one span for each
 * attempt, with nothing of the caller's in it.
 */

import type { ClaimedAttempt } from "@baton/handoffs/claim-script-arguments-and-reply";
import type { UnreportedEvent } from "@baton/handoffs/worker-attempt-store";
import type { Log } from "@baton/runtime";
import { type AttemptSpan, type Metrics, startAttemptSpan, type Tracing } from "@baton/telemetry";
import type { AbandonReason, AttemptTelemetry } from "./deliver-handoff.ts";
import type { DeadLetterRunTelemetry } from "./step-run.ts";

/** createInterruptionAndDeathTelemetry counts what no answer reported, and writes a line for each. */
export function createInterruptionAndDeathTelemetry(metrics: Metrics, log: Log): (event: UnreportedEvent) => void {
  return (event) => {
    const { id, connectorId, requestId, traceparent } = event;
    switch (event.kind) {
      case "interrupted":
        metrics.attempts.inc({ connector: connectorId, outcome: "interrupted" });
        if (event.duplicate) metrics.possibleDuplicates.inc({ connector: connectorId });
        log.info({ handoffId: id, connectorId, outcome: "interrupted", requestId, traceparent }, "attempt");
        return;
      case "died":
        return reportDeath(metrics, log, event);
    }
  };
}

type Death = Extract<UnreportedEvent, { kind: "died" }>;

/**
 * reportDeath counts a dead handoff, and writes its line: a warning, unless CXone refused that one contact or its
 * parameters.
 */
function reportDeath(
  metrics: Metrics,
  log: Log,
  { id, connectorId, reason, cause, attempts, diedAt, requestId, traceparent }: Omit<Death, "kind">,
): void {
  metrics.handoffsEnded.inc({ connector: connectorId, status: "dead", reason });
  const at = new Date(diedAt).toISOString();
  const line = { handoffId: id, connectorId, reason, cause, attempts, diedAt: at, requestId, traceparent };
  log[reason === "rejected" ? "info" : "warn"](line, "dead");
}

/** createAttemptTelemetry counts attempts and writes their lines. */
export function createAttemptTelemetry(metrics: Metrics, log: Log): AttemptTelemetry {
  return {
    attempted({ attempt, outcome, durationMs, connector }, after) {
      const labels = { connector: connector.id };
      metrics.attempts.inc({ connector: connector.id, outcome: outcome.kind });
      const traceparent = attempt.correlation?.traceparent;
      metrics.signalSeconds.observe(labels, durationMs / 1_000, traceparent);
      // A replay's attempts are numbered on.
      if (attempt.number === 1) {
        const waitedMs = Math.max(0, attempt.startedAt - attempt.since);
        metrics.firstAttemptWaitSeconds.observe(labels, waitedMs / 1_000, traceparent);
      }
      const settled = after.kind === "settled" ? after : undefined;
      if (settled?.isDuplicate) metrics.possibleDuplicates.inc(labels);
      if (settled?.status === "delivered") {
        const tookMs = Math.max(0, attempt.startedAt + durationMs - attempt.since);
        metrics.deliverySeconds.observe(labels, tookMs / 1_000, traceparent);
        metrics.handoffsEnded.inc({ connector: connector.id, status: "delivered", reason: "" });
      }
      log.info(
        {
          handoffId: attempt.id,
          connectorId: connector.id,
          attempt: attempt.number,
          outcome: outcome.kind,
          durationMs,
          sinceDueMs: Math.round(attempt.startedAt - attempt.since),
          status: settled?.status ?? after.kind,
          ...("httpStatus" in outcome ? { httpStatus: outcome.httpStatus } : {}),
          ...("detail" in outcome ? { detail: outcome.detail } : {}),
          ...(settled?.reason === undefined ? {} : { reason: settled.reason }),
          ...(settled?.status === "queued" ? { retryInMs: settled.delayMs } : {}),
          ...attempt.correlation,
        },
        "attempt",
      );
      if (settled?.status === "dead" && settled.reason !== undefined) {
        const { reason, cause = "other", endedAt = attempt.startedAt } = settled;
        const death = {
          id: attempt.id,
          connectorId: connector.id,
          reason,
          cause,
          attempts: attempt.number,
          diedAt: endedAt,
        };
        reportDeath(metrics, log, { ...death, ...attempt.correlation });
      }
    },
    failed({ id, connectorId }, err) {
      log.error(
        { handoffId: id, connectorId, err },
        "what became of it could not be written down; it is taken for interrupted once its time is over",
      );
    },
    abandoned({ id, connectorId, correlation }, why, err) {
      const line = { handoffId: id, connectorId, ...correlation, ...(err === undefined ? {} : { err }) };
      if (why === "fault") log.error(line, ABANDONED[why]);
      else log.warn(line, ABANDONED[why]);
    },
  };
}

const ABANDONED: Readonly<Record<AbandonReason, string>> = {
  unreplicated: "not sent: no replica knew of the attempt in time; it is tried again",
  token: "not sent: the token was gone; it waits for another",
  unanswered: "not sent: the answer to its claim was lost; it is tried again",
  fault: "not sent: its worker could not prepare the signal; it is tried again",
  keys: "not sent: the key that sealed its parameters is not in this worker's ring; left to others",
};

/** createDeadLetterRunTelemetry counts what became of items, and writes a line where a run ends or pauses by itself. */
export function createDeadLetterRunTelemetry(metrics: Metrics, log: Log): DeadLetterRunTelemetry {
  return {
    stepped({ id, kind }, { replayed, skipped, faults }) {
      if (replayed > 0) metrics.replays.inc({ result: "replayed" }, replayed);
      if (kind === "replay" && skipped > 0) metrics.replays.inc({ result: "skipped" }, skipped);
      if (faults.length > 0) log.error({ runId: `rn_${id}`, faults }, "items of a run that Redis could not work on");
    },
    moved({ id, kind }, status, because) {
      log.info({ runId: `rn_${id}`, kind, status, ...(because === undefined ? {} : { because }) }, "run");
    },
  };
}

interface SpanDeps {
  readonly tracing: Tracing;
  /** How often a handoff was replayed. */
  readonly replaysOf: (id: string) => Promise<number>;
}

/** createBeginAttemptSpan distinguishes an attempt after a replay from a retry. What it begins never rejects. */
export function createBeginAttemptSpan({
  tracing,
  replaysOf,
}: SpanDeps): (attempt: ClaimedAttempt) => Promise<AttemptSpan> {
  return async (attempt) =>
    startAttemptSpan(tracing, {
      ...attempt,
      traceparent: attempt.correlation?.traceparent,
      isReplay: await isReplay(attempt, replaysOf),
    });
}

/** A job of a later generation and no attempt before it: a dead letter that was never sent, or a job that was lost. */
async function isReplay(
  { id, number, used, generation }: ClaimedAttempt,
  replaysOf: SpanDeps["replaysOf"],
): Promise<boolean> {
  if (number > used) return true;
  return number === 1 && generation > 1 && (await replaysOf(id).catch(() => 0)) > 0;
}
