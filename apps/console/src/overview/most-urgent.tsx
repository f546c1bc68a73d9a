/** The most urgent handoff against its deadline. */
import { DEADLINE_AT_RISK } from "@baton/domain";
import { Link } from "@tanstack/react-router";
import type { ConnectorFigures, MostUrgent } from "../api/shapes.ts";
import { waitingWords } from "../handoff/waiting.ts";
import { classes } from "../ui/classes.ts";
import { useNow } from "../ui/clock.ts";
import { formatTimeOfDay, formatWholeDuration } from "../ui/format.ts";
import { Panel } from "../ui/page.tsx";
import styles from "./overview.module.css";

interface MostUrgentProps {
  readonly of: MostUrgent;
  readonly connectors: readonly ConnectorFigures[];
}

export function MostUrgentPanel({ of, connectors }: MostUrgentProps) {
  const now = useNow();
  const connector = connectors.find(({ id }) => id === of.connectorId);
  const left = Date.parse(of.deadlineAt) - now;
  const words = left > 0 ? `${formatWholeDuration(left)} left` : "deadline passed";
  return (
    <Panel title="Most urgent" note={`deadline ${formatTimeOfDay(Date.parse(of.deadlineAt), now, { seconds: true })}`}>
      <div className={styles.urgent}>
        <div className={styles.urgentLine}>
          <span>
            <Link to="/handoffs/$id" params={{ id: of.id }}>
              {connector?.name ?? of.connectorId}
            </Link>
            : {waitingWords(of.waitingFor)}
          </span>
          <strong>{words}</strong>
        </div>
        {connector !== undefined && <DeadlineMeter used={connector.deadlineUsed} label={`Deadline used: ${words}`} />}
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
