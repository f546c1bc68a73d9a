/** Causes: an outage is one row with a count, a state and a note for the next shift. */
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Cause, Page as PageOf } from "../api/shapes.ts";
import { type Connectors, useConnectors } from "../connectors/use-connectors.ts";
import { Freshness } from "../live/freshness.tsx";
import { LiveView } from "../live/live-view.tsx";
import { LIST_EVERY_MS, useLive } from "../live/use-live.ts";
import type { DeadLetterSearch } from "../search-params.ts";
import { useMay } from "../session/session.ts";
import { Button, ButtonLink } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy.tsx";
import { NoneMatches } from "../ui/filters.tsx";
import { formatCount, formatList, pluralize } from "../ui/format.ts";
import { Instant } from "../ui/instant.tsx";
import { Empty, Row } from "../ui/page.tsx";
import { CauseTag } from "../ui/tag.tsx";
import styles from "./cause.module.css";
import { CauseDialog } from "./cause-dialog.tsx";
import { causeTitle } from "./cause-title.ts";
import { NO_FILTER, useChange } from "./dead-letter-filters.tsx";
import { ReopenedSince } from "./reopened-since.tsx";

/** So many rows a page has at most. */
const MOST = 200;
const NAMES = 4;

export function CauseList({ search }: { readonly search: DeadLetterSearch }) {
  const { connectorId, state } = search;
  const live = useLive<PageOf<Cause>>("/admin/v1/dead-letters/causes", {
    query: { connectorId, state, limit: MOST },
    everyMs: LIST_EVERY_MS,
    keep: true,
  });
  const connectors = useConnectors();
  return (
    <LiveView of={live}>
      {({ items }) =>
        items.length === 0 ? (
          <NoCauses filtered={connectorId !== undefined || state !== undefined} />
        ) : (
          <>
            <Freshness of={live} />
            <ul className={styles.causes} aria-label="Causes">
              {sorted(items, search.sort).map((cause) => (
                <li key={cause.cause} className={styles.cause}>
                  <CauseRow cause={cause} connectors={connectors} />
                </li>
              ))}
            </ul>
          </>
        )
      }
    </LiveView>
  );
}

function sorted(causes: readonly Cause[], sort: DeadLetterSearch["sort"] = "count"): readonly Cause[] {
  const weigh: (cause: Cause) => number =
    sort === "latest" ? ({ lastAt }) => Date.parse(lastAt) : (cause) => cause[sort];
  return causes.toSorted((a, b) => weigh(b) - weigh(a));
}

interface CauseRowProps {
  readonly cause: Cause;
  readonly connectors: Connectors;
}

function CauseRow({ cause, connectors }: CauseRowProps) {
  const { nameOf } = connectors;
  const names = cause.connectors.slice(0, NAMES).map(nameOf);
  const others = cause.connectorsTotal - names.length;
  return (
    <>
      <div>
        <Row>
          <h2>{causeTitle(cause)}</h2>
          <CauseTag state={cause.state} />
        </Row>
        <p className={styles.facts}>
          {formatList(others > 0 ? [...names, pluralize(others, "other")] : names)} · since{" "}
          <Instant at={cause.firstAt} /> · last <Instant at={cause.lastAt} />
          <ReopenedSince cause={cause} />
        </p>
      </div>
      <div className={styles.count}>
        <Link to="/dead-letters" search={{ tab: "list", cause: cause.cause }}>
          {formatCount(cause.count)}
        </Link>
        <small>{formatCount(cause.lastHour)} in the last hour</small>
      </div>
      <CauseNote of={cause} />
      <CauseButtons cause={cause} />
    </>
  );
}

function CauseNote({ of: { note = "", by } }: { readonly of: Cause }) {
  return note === "" ? null : <p className={styles.note}>{by === undefined ? note : `${by}: ${note}`}</p>;
}

function CauseButtons({ cause }: { readonly cause: Cause }) {
  const { operate } = useMay();
  const [changes, setChanges] = useState(false);
  return (
    <div className={styles.buttons}>
      {operate && (
        <>
          <ButtonLink small look="primary" to="/dead-letters/replay" search={{ cause: cause.cause }}>
            Replay…
          </ButtonLink>
          <Button small onClick={() => setChanges(true)}>
            State and note…
          </Button>
          <ButtonLink small to="/dead-letters/discard" search={{ cause: cause.cause }}>
            Discard…
          </ButtonLink>
          {changes && <CauseDialog cause={cause} onClose={() => setChanges(false)} />}
        </>
      )}
      <ButtonLink small look="quiet" to="/handoffs/$id" params={{ id: cause.sampleId }}>
        Look at one of them
      </ButtonLink>
      <CopyButton what="command" text={`baton dead-letters list --cause ${cause.cause}`} />
    </div>
  );
}

function NoCauses({ filtered }: { readonly filtered: boolean }) {
  const change = useChange();
  if (!filtered) return <Empty title="No dead letters">Every handoff that ended was delivered or taken back.</Empty>;
  return <NoneMatches title="No cause matches" onClear={() => change(NO_FILTER)} />;
}
