/** One run: how far it is, how fast it goes, and what became of each dead letter. */
import { getRouteApi, Link } from "@tanstack/react-router";
import { Fragment } from "react";
import type { Run, RunKind } from "../api/shapes.ts";
import { LiveView } from "../live/live-view.tsx";
import { OVERVIEW_INTERVAL_MS, useLive } from "../live/use-live.ts";
import { SKIP_REASONS } from "../search-params.ts";
import { CopyButton } from "../ui/copy.tsx";
import { formatCount, pluralize } from "../ui/format.ts";
import { Instant } from "../ui/instant.tsx";
import { Facts, Mono, Page, Panel, Row } from "../ui/page.tsx";
import { RunTag } from "../ui/tag.tsx";
import { FilterSummary } from "./filter-summary.tsx";
import styles from "./run.module.css";
import { runsPath } from "./run-api-paths.ts";
import { partsOf, RunBar, toCome } from "./run-bar.tsx";
import { RunButtons } from "./run-buttons.tsx";
import { RunItems } from "./run-items.tsx";
import { RunNotice } from "./run-notice.tsx";
import { RunRate } from "./run-rate.tsx";

const route = getRouteApi("/runs/$kind/$id");

export function RunPage() {
  const { kind: given, id } = route.useParams();
  const kind: RunKind = given === "discard" ? "discard" : "replay";
  const path = `${runsPath(kind)}/${encodeURIComponent(id)}`;
  const live = useLive<Run>(path, { intervalMs: OVERVIEW_INTERVAL_MS });
  const run = live.result.data;
  return (
    <Page
      title={kind === "replay" ? "Replay run" : "Discard run"}
      sub={run === undefined ? <Mono>{id}</Mono> : <FilterSummary of={run.filter} />}
      live={live}
      actions={run !== undefined && <RunButtons run={run} path={path} />}
    >
      <LiveView of={live}>{(known) => <RunBody run={known} path={path} />}</LiveView>
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
      <RunNotice run={run} />
      <Panel title={progressTitle(run)} note={<RunTag status={run.status} />}>
        <RunBar run={run} />
        <Shares run={run} />
        {run.status !== "completed" && run.status !== "cancelled" && <RunRate run={run} path={path} />}
      </Panel>
      <Panel title="Why and who">
        <Facts
          of={{
            Why: run.note,
            Who: run.createdBy,
            Begun: <Instant at={run.createdAt} />,
            Ended: run.endedAt && <Instant at={run.endedAt} />,
            Run: (
              <Row>
                <Mono>{run.id}</Mono>
                <CopyButton what="id" text={run.id} />
                <CopyButton what="link" text={`${window.location.origin}/runs/${run.kind}/${run.id}`} />
                <CopyButton what="command" text={`baton ${run.kind}s watch ${run.id}`} />
              </Row>
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
  const done = run.matched - toCome(run) - run.outstanding - untaken;
  if (run.status === "completed") return `All ${pluralize(run.matched, "dead letter")} ended`;
  return `${formatCount(done)} of ${pluralize(run.matched, "dead letter")} ended`;
}

const RESULTS: Readonly<Record<string, "delivered" | "discarded" | "died-again" | "skipped" | "replayed" | "waiting">> =
  {
    delivered: "delivered",
    discarded: "discarded",
    "died again": "died-again",
    skipped: "skipped",
    "on their way": "replayed",
    "to come": "waiting",
  };

function Shares({ run }: { readonly run: Run }) {
  const relevant = partsOf(run).filter(
    ({ name }) => name === "skipped" || (run.kind === "discard") === (name === "discarded"),
  );
  const shares = [...relevant, { name: "to come", many: toCome(run), look: "plain" as const }];
  return (
    <>
      <ul className={styles.legend}>
        {shares.map((share) => (
          <li key={share.name} className={styles.share}>
            <ShareLink run={run} share={share} />
          </li>
        ))}
      </ul>
      <SkipReasons run={run} />
    </>
  );
}

/** SkipReasons says why dead letters were left alone; each number leads to those. */
function SkipReasons({ run: { kind, id, skippedBecause } }: { readonly run: Run }) {
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

interface ShareLinkProps {
  readonly run: Run;
  readonly share: ReturnType<typeof partsOf>[number];
}

/** ShareLink leads to the items with this result. */
function ShareLink({ run: { kind, id }, share: { name, many, look } }: ShareLinkProps) {
  return (
    <Link to="/runs/$kind/$id" params={{ kind, id }} search={{ result: RESULTS[name] }} resetScroll={false}>
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
