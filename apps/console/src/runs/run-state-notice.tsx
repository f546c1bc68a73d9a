/** Why a run does not go on, or how it ended, and what to do next. */
import { DYING_WINDOW } from "@baton/domain";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Run } from "../api/answer-types.ts";
import { usePermissions } from "../session/session-and-permissions.ts";
import { formatCount, pluralize } from "../ui/format-numbers-and-times.ts";
import { Notice } from "../ui/notice.tsx";
import styles from "./run.module.css";
import { countItemsToCome } from "./run-progress-segments.ts";
import { WorstCausesOfLastHour } from "./worst-causes-of-last-hour.tsx";

export function RunStateNotice({ run }: { readonly run: Run }) {
  if (run.waitingBecause !== undefined) {
    return (
      <Notice tone="warn" title="Waits" role="status">
        {OBSTACLES[run.waitingBecause]}
      </Notice>
    );
  }
  switch (run.status) {
    case "paused":
      return <PauseNotice run={run} />;
    case "cancelled":
      return <CancelNotice run={run} />;
    case "completed":
      return run.diedAgain > 0 ? <DiedAgainNotice run={run} /> : null;
    case "running":
      return null;
  }
}

const OBSTACLES: Readonly<Record<NonNullable<Run["waitingBecause"]>, string>> = {
  "no-worker": "No worker runs. It goes on as soon as one does.",
  "everything-paused": "Everything is paused. It goes on once that is resumed.",
  "connectors-paused": "Each connector with dead letters left is paused. It goes on once one is resumed.",
};

interface NoticeProps {
  readonly run: Run;
}

function PauseNotice({ run }: NoticeProps) {
  switch (run.pausedBecause ?? "operator") {
    case "operator":
      return (
        <Notice tone="warn" title="Paused by an operator" role="status">
          <p>
            What is on its way goes on. {describeUntouched(run)} until it is resumed. <RunAuditLink run={run} />
          </p>
        </Notice>
      );
    case "first":
      return (
        <Notice tone="warn" title="Paused: the first ones have ended" role="status">
          <p>Look at what became of them, then resume or cancel the run.</p>
        </Notice>
      );
    case "dying":
      return <DyingNotice run={run} />;
  }
}

/** DyingNotice says what to find out, and the two ways on. */
function DyingNotice({ run }: NoticeProps) {
  const { canOperate } = usePermissions();
  const left = countItemsToCome(run);
  return (
    <Notice tone="bad" title="Paused by itself: too many died again" role="status">
      <p>
        At least {Math.round(100 * run.stopWhenDying)} % of the last {DYING_WINDOW} died again. {describeUntouched(run)}
        .
      </p>
      <ol className={styles.next}>
        <li>
          Find out why: look at{" "}
          <DiedAgainItemsLink run={run}>{pluralize(run.diedAgain, "dead letter")} that died again</DiedAgainItemsLink>
          .
          <WorstCausesOfLastHour connectorId={run.filter.connectorId} />
        </li>
        <li>Put that right, then resume. Where CXone is slow or asks to wait, lower the rate before.</li>
        <li>
          Where it cannot be put right now, cancel the run: {formatCount(left)} stay dead letters, for a plan to come.
        </li>
      </ol>
      {!canOperate && <p>It takes an operator to resume or cancel it.</p>}
    </Notice>
  );
}

function CancelNotice({ run }: NoticeProps) {
  const untaken = run.skippedBecause["run-cancelled"] ?? 0;
  return (
    <Notice tone="plain" title="Cancelled by an operator">
      <p>
        {pluralize(untaken, "dead letter")} {untaken === 1 ? "was" : "were"} not taken, and stay as they were. What was
        done stays done. <RunAuditLink run={run} />
      </p>
    </Notice>
  );
}

function DiedAgainNotice({ run }: NoticeProps) {
  const { diedAgain, matched } = run;
  return (
    <Notice tone="warn" title={`${formatCount(diedAgain)} of ${formatCount(matched)} died again`} role="status">
      <p>
        They are dead letters as before. Look at <DiedAgainItemsLink run={run}>what became of them</DiedAgainItemsLink>,
        and at{" "}
        <Link to="/dead-letters" search={{ sort: "lastHour" }}>
          the causes
        </Link>
        , before they are replayed once more.
      </p>
    </Notice>
  );
}

function describeUntouched(run: Run): string {
  return `${pluralize(countItemsToCome(run), "dead letter")} ${countItemsToCome(run) === 1 ? "is" : "are"} not touched`;
}

/** DiedAgainItemsLink leads to those that died again, further down on the page. */
function DiedAgainItemsLink({ run: { kind, id }, children }: NoticeProps & { readonly children: ReactNode }) {
  return (
    <Link to="/runs/$kind/$id" params={{ kind, id }} search={{ result: "died-again" }} resetScroll={false}>
      {children}
    </Link>
  );
}

function RunAuditLink({ run: { id } }: NoticeProps) {
  return (
    <Link to="/audit" search={{ id }}>
      The audit says who, and when.
    </Link>
  );
}
