/** The most urgent handoff against its deadline. */
import { DEADLINE_AT_RISK } from "@baton/domain";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { ConnectorFigures, MostUrgent } from "../api/shapes.ts";
import { waitingWords } from "../handoff/waiting.ts";
import { classes } from "../ui/classes.ts";
import { useNow } from "../ui/clock.ts";
import { formatTimeOfDay, formatWholeDuration } from "../ui/format.ts";
import { Panel } from "../ui/page.tsx";
import styles from "./overview.module.css";

interface MostUrgentProps {
  /** Undefined where none is queued: the panel keeps its place, so that nothing below it moves. */
  readonly of: MostUrgent | undefined;
  readonly connectors: readonly ConnectorFigures[];
}

export function MostUrgentPanel({ of, connectors }: MostUrgentProps) {
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
          : {waitingWords(of.waitingFor)}
        </>
      }
      left={left > 0 ? `${formatWholeDuration(left)} left` : "deadline passed"}
      used={connector?.deadlineUsed}
    />
  );
}

interface FrameProps {
  readonly note: string;
  readonly wait: ReactNode;
  readonly left: string;
  readonly used: number | undefined;
}

function MostUrgentFrame({ note, wait, left, used }: FrameProps) {
  return (
    <Panel title="Most urgent" note={note}>
      <div className={styles.urgent}>
        <div className={styles.urgentLine}>
          <span>{wait}</span>
          <strong>{left}</strong>
        </div>
        <DeadlineMeter used={used} label={`Deadline used: ${left}`} />
      </div>
    </Panel>
  );
}

const BAD_AT = 0.8;

interface DeadlineMeterProps {
  readonly used: number | null | undefined;
  readonly label: string;
}

/** DeadlineMeter is how much of a deadline is used, 0 to 1. */
export function DeadlineMeter({ used, label }: DeadlineMeterProps) {
  const value = Math.min(1, used ?? 0);
  const look = value >= BAD_AT ? styles.badMeter : value > DEADLINE_AT_RISK ? styles.warnMeter : undefined;
  return <progress className={classes(styles.meter, look)} value={value} max={1} aria-label={label} />;
}
