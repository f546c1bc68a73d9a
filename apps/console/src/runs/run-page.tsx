/** One run: how far it is, how fast it goes, and what became of each dead letter. */
import { SKIP_REASONS } from "@baton/domain";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Fragment } from "react";
import type { Run, RunKind } from "../api/answer-types.ts";
import { LiveQueryView } from "../live/live-query-view.tsx";
import { OVERVIEW_INTERVAL_MS, useLiveQuery } from "../live/use-live-query.ts";
import { CopyButton } from "../ui/copy-button.tsx";
import { formatCount, pluralize } from "../ui/format-numbers-and-times.ts";
import { Instant } from "../ui/instant.tsx";
import { FactList, FlexRow, MonoText, Page, Panel } from "../ui/page-layout.tsx";
import { RunStatusTag } from "../ui/tag.tsx";
import { DeadLetterFilterSummary } from "./dead-letter-filter-summary.tsx";
import styles from "./run.module.css";
import { RunActionButtons } from "./run-action-buttons.tsx";
import { RunItems } from "./run-items.tsx";
import { RunProgressBar } from "./run-progress-bar.tsx";
import { countItemsToCome, runProgressSegments } from "./run-progress-segments.ts";
import { RunRateControl } from "./run-rate-control.tsx";
import { RunStateNotice } from "./run-state-notice.tsx";

const route = getRouteApi("/runs/$kind/$id");

export function RunPage() {
  const { kind: given, id } = route.useParams();
  const kind: RunKind = given === "discard" ? "discard" : "replay";
  const path = `/admin/v1/${kind}s/${encodeURIComponent(id)}`;
  const live = useLiveQuery<Run>(path, { intervalMs: OVERVIEW_INTERVAL_MS });
  const run = live.result.data;
  return (
    <Page
      title={kind === "replay" ? "Replay run" : "Discard run"}
      sub={run === undefined ? <MonoText>{id}</MonoText> : <DeadLetterFilterSummary of={run.filter} />}
      live={live}
      actions={run !== undefined && <RunActionButtons run={run} path={path} />}
    >
      <LiveQueryView of={live}>{(known) => <RunBody run={known} path={path} />}</LiveQueryView>
    </Page>
  );
}

interface RunBodyProps {
  readonly run: Run;
  readonly path: string;
}

function RunBody({ run, path }: RunBodyProps) {
  return (
    <div className={styles.stack}>
      <RunStateNotice run={run} />
      <Panel title={progressTitle(run)} note={<RunStatusTag status={run.status} />}>
        <RunProgressBar run={run} />
        <RunProgressLegend run={run} />
        {run.status !== "completed" && run.status !== "cancelled" && <RunRateControl run={run} path={path} />}
      </Panel>
      <Panel title="Why and who">
        <FactList
          of={{
            Why: run.note,
            Who: run.createdBy,
            Begun: <Instant at={run.createdAt} />,
            Ended: run.endedAt && <Instant at={run.endedAt} />,
            Run: (
              <FlexRow>
                <MonoText>{run.id}</MonoText>
                <CopyButton what="id" text={run.id} />
                <CopyButton what="link" text={`${window.location.origin}/runs/${run.kind}/${run.id}`} />
                <CopyButton what="command" text={`baton ${run.kind}s watch ${run.id}`} />
              </FlexRow>
            ),
          }}
        />
      </Panel>
      <RunItems path={path} kind={run.kind} id={run.id} />
    </div>
  );
}

function progressTitle(run: Run): string {
  // A cancelled run skips what it did not take: nothing of that has ended.
  const untaken = run.skippedBecause["run-cancelled"] ?? 0;
  const done = run.matched - countItemsToCome(run) - run.outstanding - untaken;
  if (run.status === "completed") return `All ${pluralize(run.matched, "dead letter")} ended`;
  return `${formatCount(done)} of ${pluralize(run.matched, "dead letter")} ended`;
}

const RESULT_OF_SEGMENT: Readonly<
  Record<string, "delivered" | "discarded" | "died-again" | "skipped" | "replayed" | "waiting">
> = {
  delivered: "delivered",
  discarded: "discarded",
  "died again": "died-again",
  skipped: "skipped",
  "on their way": "replayed",
  "to come": "waiting",
};

function RunProgressLegend({ run }: { readonly run: Run }) {
  const relevant = runProgressSegments(run).filter(
    ({ name }) => name === "skipped" || (run.kind === "discard") === (name === "discarded"),
  );
  const shares = [...relevant, { name: "to come", many: countItemsToCome(run), look: "plain" as const }];
  return (
    <>
      <ul className={styles.legend}>
        {shares.map((share) => (
          <li key={share.name} className={styles.share}>
            <LegendLink run={run} share={share} />
          </li>
        ))}
      </ul>
      <SkipReasonLinks run={run} />
    </>
  );
}

/** SkipReasonLinks says why dead letters were left alone; each number leads to those. */
function SkipReasonLinks({ run: { kind, id, skippedBecause } }: { readonly run: Run }) {
  const reasons = SKIP_REASONS.filter((reason) => (skippedBecause[reason] ?? 0) > 0);
  if (reasons.length === 0) return null;
  return (
    <p>
      Skipped:{" "}
      {reasons.map((because, at) => (
        <Fragment key={because}>
          {at > 0 && ", "}
          <Link to="/runs/$kind/$id" params={{ kind, id }} search={{ result: "skipped", because }} resetScroll={false}>
            {formatCount(skippedBecause[because] ?? 0)} {because.replaceAll("-", " ")}
          </Link>
        </Fragment>
      ))}
      .
    </p>
  );
}

interface LegendLinkProps {
  readonly run: Run;
  readonly share: ReturnType<typeof runProgressSegments>[number];
}

/** LegendLink leads to the items with this result. */
function LegendLink({ run: { kind, id }, share: { name, many, look } }: LegendLinkProps) {
  return (
    <Link to="/runs/$kind/$id" params={{ kind, id }} search={{ result: RESULT_OF_SEGMENT[name] }} resetScroll={false}>
      <strong>{formatCount(many)}</strong>
      <span className={styles.name}>
        <svg className={styles.dot} viewBox="0 0 10 10" aria-hidden="true">
          <circle className={styles[look]} cx="5" cy="5" r="5" />
        </svg>
        {name}
      </span>
    </Link>
  );
}
