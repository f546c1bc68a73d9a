/** The overview: first a sentence, then who is most urgent, what fails, the connectors, and the charts. */
import type { CausePage, ConnectorFigures, Overview } from "../api/answer-types.ts";
import { PanelNoteWithNewRowsButton } from "../live/list-with-pending-changes.tsx";
import { LiveQueryView } from "../live/live-query-view.tsx";
import { RequestErrorNotice } from "../live/request-error-notice.tsx";
import { useFixedOrderWhilePointedAt } from "../live/use-fixed-order-while-pointed-at.ts";
import { type LiveQuery, OVERVIEW_INTERVAL_MS, useLiveQuery } from "../live/use-live-query.ts";
import { usePermissions } from "../session/session-and-permissions.ts";
import { useNow } from "../ui/baton-clock.ts";
import { ButtonLink } from "../ui/button.tsx";
import { pluralize } from "../ui/format-numbers-and-times.ts";
import { joinClassNames } from "../ui/join-class-names.ts";
import { createLazyComponent } from "../ui/lazy-component.tsx";
import { EmptyState, Page, Panel } from "../ui/page-layout.tsx";
import { TextOrLinkView } from "../ui/text-or-link-view.tsx";
import { ConnectorsTable } from "./connectors-table.tsx";
import { MostUrgentHandoffPanel } from "./most-urgent-handoff-panel.tsx";
import styles from "./overview.module.css";
import { buildOverviewHeadline, causesReadStateOfQuery, type Headline } from "./overview-headline.ts";
import { PauseEverythingButton } from "./pause-everything-button.tsx";
import { TopCausesPanel } from "./top-causes-panel.tsx";

const HandoffChartsPanel = createLazyComponent(
  async () => (await import("../charts/handoff-charts-panel.tsx")).HandoffChartsPanel,
);

/** Causes change more slowly than figures. Milliseconds. */
const CAUSES_INTERVAL_MS = 5_000;
/** The worst of the last hour: more than the sentence and the panel name. */
const CAUSES = { sort: "lastHour", limit: 200 } as const;

export function OverviewPage() {
  const live = useLiveQuery<Overview>("/admin/v1/overview", { intervalMs: OVERVIEW_INTERVAL_MS });
  const causes = useLiveQuery<CausePage>("/admin/v1/dead-letters/causes", {
    query: CAUSES,
    intervalMs: CAUSES_INTERVAL_MS,
  });
  return (
    <Page
      title="Overview"
      live={live}
      actions={live.result.data && <PauseEverythingButton overview={live.result.data} />}
    >
      <LiveQueryView of={live}>
        {(overview) =>
          overview.connectorsTotal === 0 ? (
            <NoConnectorYet />
          ) : (
            <OverviewBody overview={overview} causes={causes} isFresh={live.result.error === null} />
          )
        }
      </LiveQueryView>
    </Page>
  );
}

interface OverviewBodyProps {
  readonly overview: Overview;
  readonly causes: LiveQuery<CausePage>;
  /** False where the last request failed: the page then says already that admin does not answer. */
  readonly isFresh: boolean;
}

function OverviewBody({ overview, causes: { result }, isFresh }: OverviewBodyProps) {
  const now = useNow();
  const causes = causesReadStateOfQuery(result);
  return (
    <div className={styles.stack}>
      <HeadlineView of={buildOverviewHeadline(overview, causes, now)} />
      <MostUrgentHandoffPanel of={overview.handoffs.mostUrgent} connectors={overview.connectors} />
      {isFresh && causes.kind === "failed" && (
        <Panel title="Causes could not be read">
          <RequestErrorNotice error={result.error} retry={result.refetch} />
        </Panel>
      )}
      {result.data !== undefined && causes.items.length > 0 && (
        <TopCausesPanel page={result.data} connectors={overview.connectors} />
      )}
      <ConnectorsPanel overview={overview} />
      <HandoffChartsPanel />
    </div>
  );
}

const idOf = ({ id }: ConnectorFigures) => id;

function ConnectorsPanel({ overview: { connectors, connectorsTotal, workers } }: { readonly overview: Overview }) {
  const list = useFixedOrderWhilePointedAt(connectors, idOf);
  const shown =
    connectorsTotal > connectors.length
      ? `the ${connectors.length} in most trouble of ${connectorsTotal}`
      : pluralize(workers, "worker");
  return (
    <Panel
      title="Connectors"
      note={<PanelNoteWithNewRowsButton of={list}>{shown}</PanelNoteWithNewRowsButton>}
      around={list.around}
    >
      <ConnectorsTable connectors={list.items} />
    </Panel>
  );
}

/** HeadlineView is read out when it changes in what it says, not with each tick of a clock in it. */
function HeadlineView({ of }: { readonly of: Headline }) {
  return (
    <>
      <div className={styles.unseen} role="status">
        {of.parts.map(({ text, spoken }) => spoken ?? text).join(". ")}
      </div>
      <HeadlineText of={of} />
    </>
  );
}

function HeadlineText({ of }: { readonly of: Headline }) {
  return (
    <p className={joinClassNames(styles.headline, styles[of.tone])} data-headline>
      {of.parts.map((part, index) => (
        <span key={part.text}>
          {index > 0 && (
            <span className={styles.dot} aria-hidden>
              ·
            </span>
          )}
          <TextOrLinkView of={part} />
          {index === of.parts.length - 1 ? "." : ""}
        </span>
      ))}
    </p>
  );
}

function NoConnectorYet() {
  const { canAdminister } = usePermissions();
  return (
    <EmptyState title="No connector yet">
      <p>A connector binds one PolyAI project to one CXone business unit. Handoffs come in once there is one.</p>
      {canAdminister ? (
        <ButtonLink look="primary" to="/connectors/new">
          Set up the first connector
        </ButtonLink>
      ) : (
        <p>It takes the role admin to set one up.</p>
      )}
    </EmptyState>
  );
}
