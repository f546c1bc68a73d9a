/** Who changed what while the charts run: the dotted lines in them, in words. */
import { Link } from "@tanstack/react-router";
import type { Mark } from "../api/answer-types.ts";
import { Instant } from "../ui/instant.tsx";
import { MutedText } from "../ui/page-layout.tsx";
import styles from "./chart.module.css";

/** As many as one reads; the audit page has all. */
const MAX_MARKS = 5;

export function AuditedChangeList({ marks }: { readonly marks: readonly Mark[] }) {
  if (marks.length === 0) return null;
  const latest = marks.toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at)).slice(0, MAX_MARKS);
  return (
    <ul className={styles.marks} aria-label="Changes in this time">
      {latest.map(({ at, action, actor, targetId }) => (
        <li key={`${at} ${action} ${targetId}`}>
          <MutedText>
            <Instant at={at} as="clock" />
          </MutedText>{" "}
          {actor.name}:{" "}
          <Link to="/audit" search={targetId === undefined ? { action } : { id: targetId }}>
            {action}
          </Link>
        </li>
      ))}
    </ul>
  );
}
