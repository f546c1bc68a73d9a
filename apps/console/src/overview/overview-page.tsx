/** The overview: first a sentence, then who is most urgent, what fails, the connectors, and the charts. */
import type { CausePage, ConnectorFigures, Overview } from "../api/shapes.ts";
import { useFixedOrder } from "../live/fixed-order.ts";
import { LiveView, TroubleNotice } from "../live/live-view.tsx";
import { WithNewRowsButton } from "../live/steady-list.tsx";
import { type Live, OVERVIEW_INTERVAL_MS, useLive } from "../live/use-live.ts";
import { usePermissions } from "../session/session.ts";
import { ButtonLink } from "../ui/button.tsx";
import { classes } from "../ui/classes.ts";
import { useNow } from "../ui/clock.ts";
import { pluralize } from "../ui/format.ts";
import { lazyPart } from "../ui/lazy-part.tsx";
import { Empty, Page, Panel } from "../ui/page.tsx";
import { ConnectorsTable } from "./connectors-table.tsx";
import { type Headline, headline, knownCauses } from "./headline.ts";
import { MostUrgentPanel } from "./most-urgent.tsx";
import styles from "./overview.module.css";
import { PartView } from "./part-view.tsx";
import { PauseEverything } from "./pause-everything.tsx";
import { TopCauses } from "./top-causes.tsx";

const Charts = lazyPart(async () => (await import("../charts/charts.tsx")).Charts);

/** Causes change more slowly than figures. Milliseconds. */
const CAUSES_INTERVAL_MS = 5_000;
/** The worst of the last hour: more than the sentence and the panel name. */
const CAUSES = { sort: "lastHour", limit: 200 } as const;

export function OverviewPage() {
  const live = useLive<Overview>("/admin/v1/overview", { intervalMs: OVERVIEW_INTERVAL_MS });
  const causes = useLive<CausePage>("/admin/v1/dead-letters/causes", { query: CAUSES, intervalMs: CAUSES_INTERVAL_MS });
  return (
    <Page title="Overview" live={live} actions={live.result.data && <PauseEverything overview={live.result.data} />}>
      <LiveView of={live}>
        {(overview) =>
          overview.connectorsTotal === 0 ? (
            <FirstRun />
          ) : (
            <OverviewBody overview={overview} causes={causes} isFresh={live.result.error === null} />
          )
        }
      </LiveView>
    </Page>
  );
}

interface BodyProps {
  readonly overview: Overview;
  readonly causes: Live<CausePage>;
  /** False where the last request failed: the page then says already that admin does not answer. */
  readonly isFresh: boolean;
}

function OverviewBody({ overview, causes: { result }, isFresh }: BodyProps) {
  const now = useNow();
  const causes = knownCauses(result);
  return (
    <div className={styles.stack}>
      <HeadlineView of={headline(overview, causes, now)} />
      <MostUrgentPanel of={overview.handoffs.mostUrgent} connectors={overview.connectors} />
      {isFresh && causes.kind === "failed" && (
        <Panel title="Causes could not be read">
          <TroubleNotice error={result.error} retry={result.refetch} />
        </Panel>
      )}
      {result.data !== undefined && causes.items.length > 0 && (
        <TopCauses page={result.data} connectors={overview.connectors} />
      )}
      <ConnectorsPanel overview={overview} />
      <Charts />
    </div>
  );
}

const idOf = ({ id }: ConnectorFigures) => id;

function ConnectorsPanel({ overview: { connectors, connectorsTotal, workers } }: { readonly overview: Overview }) {
  const list = useFixedOrder(connectors, idOf);
  const shown =
    connectorsTotal > connectors.length
      ? `the ${connectors.length} in most trouble of ${connectorsTotal}`
      : pluralize(workers, "worker");
  return (
    <Panel title="Connectors" note={<WithNewRowsButton of={list}>{shown}</WithNewRowsButton>} around={list.around}>
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
    <p className={classes(styles.headline, styles[of.tone])} data-headline>
      {of.parts.map((part, index) => (
        <span key={part.text}>
          {index > 0 && (
            <span className={styles.dot} aria-hidden>
              ·
            </span>
          )}
          <PartView of={part} />
          {index === of.parts.length - 1 ? "." : ""}
        </span>
      ))}
    </p>
  );
}

function FirstRun() {
  const { canAdminister } = usePermissions();
  return (
    <Empty title="No connector yet">
      <p>A connector binds one PolyAI project to one CXone business unit. Handoffs come in once there is one.</p>
      {canAdminister ? (
        <ButtonLink look="primary" to="/connectors/new">
          Set up the first connector
        </ButtonLink>
      ) : (
        <p>It takes the role admin to set one up.</p>
      )}
    </Empty>
  );
}
