/** One handoff: what happened, how it stands, and what may be done. */
import { getRouteApi, Link } from "@tanstack/react-router";
import { CircleAlert, CircleCheck, CircleDot, CircleX, type LucideIcon, UserRound } from "lucide-react";
import type { AuditEntryJson, HandoffDetailsJson, HandoffJson, ListPage } from "../api/answer-types.ts";
import { useConnectors } from "../connectors/use-connectors.ts";
import { LiveQueryView } from "../live/live-query-view.tsx";
import { useLiveQuery } from "../live/use-live-query.ts";
import { useNow } from "../ui/baton-clock.ts";
import { ButtonLink } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { Instant } from "../ui/instant.tsx";
import { joinClassNames } from "../ui/join-class-names.ts";
import { FactList, FlexRow, MonoText, Page, Panel } from "../ui/page-layout.tsx";
import { HandoffStatusTag } from "../ui/tag.tsx";
import type { Tone } from "../ui/tone.ts";
import styles from "./handoff.module.css";
import { HandoffActionButtons } from "./handoff-action-buttons.tsx";
import { buildHandoffTimeline, type TimelineEntry } from "./handoff-timeline.ts";

const route = getRouteApi("/handoffs/$id");
/** Each step of the one handoff that is shown counts. Milliseconds. */
const INTERVAL_MS = 2_000;

export function HandoffPage() {
  const { id } = route.useParams();
  const live = useLiveQuery<HandoffDetailsJson>(`/admin/v1/handoffs/${encodeURIComponent(id)}`, {
    intervalMs: INTERVAL_MS,
  });
  const handoff = live.result.data;
  return (
    <Page
      title="Handoff"
      sub={
        <FlexRow>
          <MonoText>{id}</MonoText>
          <CopyButton what="id" text={id} />
        </FlexRow>
      }
      live={live}
      actions={handoff !== undefined && <HandoffActionButtons handoff={handoff} />}
    >
      <LiveQueryView of={live}>{(known) => <HandoffBody handoff={known} />}</LiveQueryView>
    </Page>
  );
}

function HandoffBody({ handoff }: { readonly handoff: HandoffDetailsJson }) {
  const audit = useLiveQuery<ListPage<AuditEntryJson>>("/admin/v1/audit", { query: { id: handoff.id, limit: 50 } });
  const now = useNow();
  return (
    <div className={styles.columns}>
      <Panel title="What happened" note="newest first">
        <ol className={styles.timeline}>
          {buildHandoffTimeline(handoff, audit.result.data?.items ?? [], now).map((entry) => (
            <TimelineEntryView key={`${entry.at} ${entry.text}`} of={entry} />
          ))}
        </ol>
        {!hasEnded(handoff) && <ExplainNextAnswerLink handoff={handoff} now={now} />}
      </Panel>
      <div className={styles.side}>
        <HandoffStatePanel handoff={handoff} />
        <CopyLinksPanel handoff={handoff} />
      </div>
    </div>
  );
}

function hasEnded({ status }: HandoffJson): boolean {
  return status !== "queued" && status !== "sending";
}

const SECOND_MS = 1_000;
/** What is asked about where CXone has not answered yet. */
const UNAVAILABLE = 503;

/** ExplainNextAnswerLink leads to what Baton would do about CXone's next answer, so close to the deadline. */
function ExplainNextAnswerLink({ handoff, now }: { readonly handoff: HandoffJson; readonly now: number }) {
  const { connectorId, status, attempts, deadlineAt, replays } = handoff;
  const left = Math.max(0, Math.round((Date.parse(deadlineAt) - now) / SECOND_MS));
  // A replay has all attempts anew, and the record does not say which was its first.
  const attempt = replays > 0 ? 1 : Math.max(1, attempts.length + (status === "queued" ? 1 : 0));
  return (
    <div>
      <ButtonLink
        small
        to="/connectors/$id"
        params={{ id: connectorId }}
        search={{
          tab: "explain",
          status: String(attempts.at(-1)?.httpStatus ?? UNAVAILABLE),
          attempt: String(attempt),
          left: String(left),
        }}
      >
        What follows on CXone's next answer?
      </ButtonLink>
    </div>
  );
}

const ICONS: Readonly<Record<Tone, LucideIcon>> = {
  good: CircleCheck,
  warn: CircleAlert,
  bad: CircleX,
  plain: CircleDot,
  accent: UserRound,
};

function TimelineEntryView({ of: { at, tone, text, quote } }: { readonly of: TimelineEntry }) {
  const Icon = at === undefined ? CircleDot : ICONS[tone];
  return (
    <li className={styles.entry}>
      <Icon size={20} className={joinClassNames(styles.icon, styles[tone])} aria-hidden />
      <div>
        <div>{at === undefined ? <strong>{text}</strong> : text}</div>
        {quote !== undefined && quote !== "" && <div className={styles.quote}>{quote}</div>}
        <div className={styles.at}>{at === undefined ? "now" : <Instant at={at} />}</div>
      </div>
    </li>
  );
}

function HandoffStatePanel({ handoff }: { readonly handoff: HandoffJson }) {
  return (
    <Panel title="How it stands">
      <FactList of={{ ...stateFacts(handoff), ...ownershipFacts(handoff) }} />
    </Panel>
  );
}

function ownershipFacts({ connectorId, contactId, callId, sharedId, accountId, projectId, environment }: HandoffJson) {
  return {
    Connector: <ConnectorLink id={connectorId} />,
    Contact: (
      <Link to="/handoffs" search={{ contactId }}>
        <MonoText>{contactId}</MonoText>
      </Link>
    ),
    Project: `${accountId} / ${projectId} / ${environment}`,
    Call: callId && <MonoText>{callId}</MonoText>,
    "Shared id": sharedId && <MonoText>{sharedId}</MonoText>,
  };
}

function stateFacts({ status, deadlineAt, replays, mayHaveArrived, possibleDuplicate }: HandoffJson) {
  return {
    Status: <HandoffStatusTag status={status} />,
    Deadline: <Instant at={deadlineAt} />,
    Replays: replays > 0 ? replays : undefined,
    "May have arrived": mayHaveArrived && status !== "delivered" ? "yes: find out first" : undefined,
    Duplicate: possibleDuplicate ? "the contact may have been signalled twice" : undefined,
  };
}

function ConnectorLink({ id }: { readonly id: string }) {
  const { nameOf } = useConnectors();
  return (
    <Link to="/connectors/$id" params={{ id }}>
      {nameOf(id)}
    </Link>
  );
}

function CopyLinksPanel({ handoff: { id } }: { readonly handoff: HandoffJson }) {
  const address = `${window.location.origin}/admin/v1/handoffs/${id}`;
  return (
    <Panel title="Take it along">
      <FlexRow>
        <CopyButton what="link" text={`${window.location.origin}/handoffs/${id}`} />
        <CopyButton what="command" text={`baton why ${id}`} />
        <CopyButton what="curl" text={`curl -H "Authorization: Bearer $BATON_ADMIN_KEY" ${address}`} />
      </FlexRow>
    </Panel>
  );
}
