/** The most urgent handoff against its deadline. */
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { ConnectorFigures, MostUrgent } from "../api/answer-types.ts";
import { describeWaitingReason } from "../handoff/waiting-reason.ts";
import { useNow } from "../ui/baton-clock.ts";
import { formatDurationInWholeSeconds, formatTimeOfDay } from "../ui/format-numbers-and-times.ts";
import { Panel } from "../ui/page-layout.tsx";
import { DeadlineProgressBar } from "./deadline-progress-bar.tsx";
import styles from "./overview.module.css";

interface MostUrgentHandoffPanelProps {
  /** Undefined where none is queued: the panel keeps its place, so that nothing below it moves. */
  readonly of: MostUrgent | undefined;
  readonly connectors: readonly ConnectorFigures[];
}

export function MostUrgentHandoffPanel({ of, connectors }: MostUrgentHandoffPanelProps) {
  const now = useNow();
  if (of === undefined) return <MostUrgentFrame note="–" wait="No handoff is queued." left="–" used={0} />;
  const connector = connectors.find(({ id }) => id === of.connectorId);
  const left = Date.parse(of.deadlineAt) - now;
  return (
    <MostUrgentFrame
      note={`deadline ${formatTimeOfDay(Date.parse(of.deadlineAt), now, { seconds: true })}`}
      wait={
        <>
          <Link to="/handoffs/$id" params={{ id: of.id }}>
            {connector?.name ?? of.connectorId}
          </Link>
          : {describeWaitingReason(of.waitingFor)}
        </>
      }
      left={left > 0 ? `${formatDurationInWholeSeconds(left)} left` : "deadline passed"}
      used={connector?.deadlineUsed}
    />
  );
}

interface MostUrgentFrameProps {
  readonly note: string;
  readonly wait: ReactNode;
  readonly left: string;
  readonly used: number | undefined;
}

function MostUrgentFrame({ note, wait, left, used }: MostUrgentFrameProps) {
  return (
    <Panel title="Most urgent" note={note}>
      <div className={styles.urgent}>
        <div className={styles.urgentLine}>
          <span>{wait}</span>
          <strong>{left}</strong>
        </div>
        <DeadlineProgressBar used={used} label={`Deadline used: ${left}`} />
      </div>
    </Panel>
  );
}
