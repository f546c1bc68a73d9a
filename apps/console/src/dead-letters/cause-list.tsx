/** Causes: an outage is one row with a count, a state and a note for the next shift. */
import { describeDeadLetterRemedy } from "@baton/api/dead-letter-remedy";
import { useId, useState } from "react";
import type { Cause, CausePage } from "../api/answer-types.ts";
import { type Connectors, useConnectors } from "../connectors/use-connectors.ts";
import { FreshnessTag } from "../live/freshness-tag.tsx";
import { NewRowsButton, useListWithPendingChanges } from "../live/list-with-pending-changes.tsx";
import { LiveQueryView } from "../live/live-query-view.tsx";
import { useLiveQuery } from "../live/use-live-query.ts";
import type { DeadLetterSearch } from "../page-search-params.ts";
import { usePermissions } from "../session/session-and-permissions.ts";
import { useNow } from "../ui/baton-clock.ts";
import { Button, ButtonLink } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { formatCount, formatList, pluralize } from "../ui/format-numbers-and-times.ts";
import { Instant } from "../ui/instant.tsx";
import { NoneMatches } from "../ui/list-filters.tsx";
import { ListPager } from "../ui/list-pager.tsx";
import { EmptyState, FlexRow, MutedText } from "../ui/page-layout.tsx";
import { CauseStateTag } from "../ui/tag.tsx";
import { TextOrLinkView } from "../ui/text-or-link-view.tsx";
import { TextWithCommands } from "../ui/text-with-commands.tsx";
import styles from "./cause.module.css";
import { buildCauseCountLink, buildCauseLastHourCountLink } from "./cause-count-links.ts";
import { CauseReopenedAt } from "./cause-reopened-at.tsx";
import { CauseStateDialog } from "./cause-state-dialog.tsx";
import { causeTitle } from "./cause-title.ts";
import { CauseTrend } from "./cause-trend.tsx";
import { NO_FILTER, useChangeDeadLetterFilters } from "./dead-letter-filters.tsx";

/** Rows of a page: what one scans without losing the place. */
const PAGE_SIZE = 50;
const MAX_NAMES = 4;

const idOf = ({ cause }: Cause) => cause;

export function CauseList({ search }: { readonly search: DeadLetterSearch }) {
  const { connectorId, state, sort, cursor } = search;
  const live = useLiveQuery<CausePage>("/admin/v1/dead-letters/causes", {
    query: { connectorId, state, sort, cursor, limit: PAGE_SIZE },
    keepsPrevious: true,
  });
  // What another address showed is another list, also while it stays until this one has an answer.
  const key = JSON.stringify([search, live.result.isPlaceholderData]);
  return (
    <LiveQueryView of={live}>
      {(page) => (
        <>
          <FreshnessTag of={live} />
          <CauseRows page={page} search={search} listKey={key} />
        </>
      )}
    </LiveQueryView>
  );
}

interface CauseRowsProps {
  readonly page: CausePage;
  readonly search: DeadLetterSearch;
  readonly listKey: string;
}

function CauseRows({ page, search, listKey }: CauseRowsProps) {
  const list = useListWithPendingChanges(listKey, page.items, idOf);
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
      <ListPager
        shown={formatShownCauses(list.items.length, page.total)}
        to="/dead-letters"
        search={search}
        nextCursor={page.nextCursor}
        words={PAGER_WORDS}
      />
    </>
  );
}

function formatShownCauses(shown: number, total: number): string {
  return total > shown ? `${pluralize(shown, "cause")} of ${formatCount(total)}` : pluralize(shown, "cause");
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
        <FlexRow>
          <h2 id={titleId}>{causeTitle(cause)}</h2>
          <CauseStateTag state={cause.state} />
          {isGone && <MutedText>not in this list any more</MutedText>}
        </FlexRow>
        <p className={styles.facts}>
          {formatList(others > 0 ? [...names, pluralize(others, "other")] : names)} · since{" "}
          <Instant at={cause.firstAt} /> · last <Instant at={cause.lastAt} />
          <CauseReopenedAt cause={cause} />
        </p>
      </div>
      <div className={styles.count}>
        <TextOrLinkView of={buildCauseCountLink(cause)} />
        <small>
          <TextOrLinkView of={buildCauseLastHourCountLink(cause, now)} /> <CauseTrend cause={cause} />
        </small>
      </div>
      <p className={styles.remedy}>
        <strong>What to do:</strong> <TextWithCommands text={describeDeadLetterRemedy(cause)} />
      </p>
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
          {changes && <CauseStateDialog cause={cause} onClose={() => setChanges(false)} />}
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
  const change = useChangeDeadLetterFilters();
  if (!filtered)
    return <EmptyState title="No dead letters">Every handoff that ended was delivered or taken back.</EmptyState>;
  return <NoneMatches title="No cause matches" onClear={() => change(NO_FILTER)} />;
}
