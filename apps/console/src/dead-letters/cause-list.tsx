/** Causes: an outage is one row with a count, a state and a note for the next shift. */
import { useId, useState } from "react";
import type { Cause, CausePage } from "../api/shapes.ts";
import { type Connectors, useConnectors } from "../connectors/use-connectors.ts";
import { Freshness } from "../live/freshness.tsx";
import { LiveView } from "../live/live-view.tsx";
import { NewRowsButton, useSteadyRanking } from "../live/steady-list.tsx";
import { useLive } from "../live/use-live.ts";
import { PartView } from "../overview/part-view.tsx";
import type { DeadLetterSearch } from "../search-params.ts";
import { usePermissions } from "../session/session.ts";
import { Button, ButtonLink } from "../ui/button.tsx";
import { useNow } from "../ui/clock.ts";
import { CopyButton } from "../ui/copy.tsx";
import { NoneMatches } from "../ui/filters.tsx";
import { formatCount, formatList, pluralize } from "../ui/format.ts";
import { Instant } from "../ui/instant.tsx";
import { ListPager } from "../ui/list-pager.tsx";
import { Empty, Muted, Row } from "../ui/page.tsx";
import { CauseTag } from "../ui/tag.tsx";
import styles from "./cause.module.css";
import { deadPart, lastHourPart } from "./cause-counts.ts";
import { CauseDialog } from "./cause-dialog.tsx";
import { causeTitle } from "./cause-title.ts";
import { CauseTrend } from "./cause-trend.tsx";
import { NO_FILTER, useChange } from "./dead-letter-filters.tsx";
import { ReopenedSince } from "./reopened-since.tsx";

/** Rows of a page: what one scans without losing the place. */
const PAGE_SIZE = 50;
const MAX_NAMES = 4;

const idOf = ({ cause }: Cause) => cause;

export function CauseList({ search }: { readonly search: DeadLetterSearch }) {
  const { connectorId, state, sort, cursor } = search;
  const live = useLive<CausePage>("/admin/v1/dead-letters/causes", {
    query: { connectorId, state, sort, cursor, limit: PAGE_SIZE },
    keepsPrevious: true,
  });
  // What another address showed is another list, also while it stays until this one has an answer.
  const key = JSON.stringify([search, live.result.isPlaceholderData]);
  return (
    <LiveView of={live}>
      {(page) => (
        <>
          <Freshness of={live} />
          <Causes page={page} search={search} listKey={key} />
        </>
      )}
    </LiveView>
  );
}

interface CausesProps {
  readonly page: CausePage;
  readonly search: DeadLetterSearch;
  readonly listKey: string;
}

function Causes({ page, search, listKey }: CausesProps) {
  const list = useSteadyRanking(listKey, page.items, idOf);
  const connectors = useConnectors();
  if (list.items.length === 0) {
    const { connectorId, state, cursor } = search;
    return <NoCauses filtered={[connectorId, state, cursor].some((given) => given !== undefined)} />;
  }
  return (
    <>
      <NewRowsButton of={list} />
      <ul className={styles.causes} aria-label="Causes">
        {list.items.map((cause) => (
          <li key={cause.cause} className={styles.cause}>
            <CauseRow cause={cause} isGone={list.changes.gone.has(cause.cause)} connectors={connectors} />
          </li>
        ))}
      </ul>
      <CausePager page={page} search={search} shown={list.items.length} />
    </>
  );
}

interface CausePagerProps extends Pick<CausesProps, "page" | "search"> {
  /** How many rows. */
  readonly shown: number;
}

function CausePager({ page: { total, nextCursor }, search, shown }: CausePagerProps) {
  const at = (cursor: string | undefined) => ({ to: "/dead-letters", search: { ...search, cursor } }) as const;
  return (
    <ListPager
      shown={total > shown ? `${pluralize(shown, "cause")} of ${formatCount(total)}` : pluralize(shown, "cause")}
      newest={search.cursor === undefined ? undefined : at(undefined)}
      older={nextCursor === undefined ? undefined : at(nextCursor)}
      words={PAGER_WORDS}
    />
  );
}

const PAGER_WORDS = { newest: "First page", older: "More causes" } as const;

interface CauseRowProps {
  readonly cause: Cause;
  /** The newest answer does not have it. */
  readonly isGone: boolean;
  readonly connectors: Connectors;
}

function CauseRow({ cause, isGone, connectors }: CauseRowProps) {
  const now = useNow();
  const titleId = useId();
  const { nameOf } = connectors;
  const names = cause.connectors.slice(0, MAX_NAMES).map(nameOf);
  const others = cause.connectorsTotal - names.length;
  return (
    <>
      <div>
        <Row>
          <h2 id={titleId}>{causeTitle(cause)}</h2>
          <CauseTag state={cause.state} />
          {isGone && <Muted>not in this list any more</Muted>}
        </Row>
        <p className={styles.facts}>
          {formatList(others > 0 ? [...names, pluralize(others, "other")] : names)} · since{" "}
          <Instant at={cause.firstAt} /> · last <Instant at={cause.lastAt} />
          <ReopenedSince cause={cause} />
        </p>
      </div>
      <div className={styles.count}>
        <PartView of={deadPart(cause)} />
        <small>
          <PartView of={lastHourPart(cause, now)} /> <CauseTrend cause={cause} />
        </small>
      </div>
      <CauseNote of={cause} />
      <CauseButtons cause={cause} titleId={titleId} />
    </>
  );
}

function CauseNote({ of: { note = "", by } }: { readonly of: Cause }) {
  return note === "" ? null : <p className={styles.note}>{by === undefined ? note : `${by}: ${note}`}</p>;
}

interface CauseButtonsProps extends Pick<CauseRowProps, "cause"> {
  /** The element that names the cause: each has the same buttons. */
  readonly titleId: string;
}

function CauseButtons({ cause, titleId }: CauseButtonsProps) {
  const { canOperate } = usePermissions();
  const [changes, setChanges] = useState(false);
  return (
    <fieldset className={styles.buttons} aria-labelledby={titleId}>
      {canOperate && (
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
    </fieldset>
  );
}

function NoCauses({ filtered }: { readonly filtered: boolean }) {
  const change = useChange();
  if (!filtered) return <Empty title="No dead letters">Every handoff that ended was delivered or taken back.</Empty>;
  return <NoneMatches title="No cause matches" onClear={() => change(NO_FILTER)} />;
}
