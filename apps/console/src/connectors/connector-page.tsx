/** One connector: its state, its settings, its tokens and keys, and whether CXone takes its signals. */
import { getRouteApi } from "@tanstack/react-router";
import type { ConnectorFigures, ConnectorJson, Overview } from "../api/answer-types.ts";
import { LiveQueryView } from "../live/live-query-view.tsx";
import { OVERVIEW_INTERVAL_MS, useLiveQuery } from "../live/use-live-query.ts";
import { ConnectorStateTag, ConnectorsTable } from "../overview/connectors-table.tsx";
import { CONNECTOR_TABS, type ConnectorTab, type ExplainSearch } from "../page-search-params.ts";
import { CopyButton } from "../ui/copy-button.tsx";
import { formatDuration } from "../ui/format-numbers-and-times.ts";
import { createLazyComponent } from "../ui/lazy-component.tsx";
import { FactList, FlexRow, MonoText, MutedText, Page, Panel } from "../ui/page-layout.tsx";
import { TabLink, Tabs } from "../ui/tabs.tsx";
import styles from "./connector.module.css";
import { ConnectorPauseButtons } from "./connector-pause-buttons.tsx";
import { ConnectorTokensPanel } from "./connector-tokens-panel.tsx";
import { VerifyConnectorTab } from "./verify-connector-panel.tsx";

const ConnectorSettingsForm = createLazyComponent(
  async () => (await import("./connector-settings-form.tsx")).ConnectorSettingsForm,
);
const ExplainCxoneAnswerPanel = createLazyComponent(
  async () => (await import("./explain-cxone-answer-panel.tsx")).ExplainCxoneAnswerPanel,
);
const HandoffChartsPanel = createLazyComponent(
  async () => (await import("../charts/handoff-charts-panel.tsx")).HandoffChartsPanel,
);

const route = getRouteApi("/connectors/$id");

const TAB_TITLES: Readonly<Record<ConnectorTab, string>> = {
  state: "State",
  settings: "Settings",
  tokens: "Tokens",
  "screen-pop-keys": "Screen-pop keys",
  test: "Verify and test",
  explain: "What if",
};

export function ConnectorPage() {
  const { id } = route.useParams();
  const { tab = "state", range, ...question } = route.useSearch();
  const live = useLiveQuery<ConnectorJson>(`/admin/v1/connectors/${encodeURIComponent(id)}`);
  const overview = useLiveQuery<Overview>("/admin/v1/overview", { intervalMs: OVERVIEW_INTERVAL_MS });
  const figures = overview.result.data?.connectors.find((each) => each.id === id);
  const connector = live.result.data;
  return (
    <Page
      title={connector?.name ?? "Connector"}
      sub={<Subtitle id={id} figures={figures} />}
      live={live}
      actions={
        connector !== undefined && (
          <ConnectorPauseButtons connector={connector} isThrottled={figures?.heldUntil !== undefined} />
        )
      }
    >
      <Tabs label="Parts of the connector">
        {CONNECTOR_TABS.map((each) => (
          <TabLink key={each} to="/connectors/$id" params={{ id }} search={{ tab: each }} isOpen={each === tab}>
            {TAB_TITLES[each]}
          </TabLink>
        ))}
      </Tabs>
      <LiveQueryView of={live}>
        {(known) => <TabBody tab={tab} connector={known} figures={figures} question={question} />}
      </LiveQueryView>
    </Page>
  );
}

function Subtitle({ id, figures }: { readonly id: string; readonly figures: ConnectorFigures | undefined }) {
  return (
    <FlexRow>
      <MonoText>{id}</MonoText>
      <CopyButton what="id" text={id} />
      {figures !== undefined && <ConnectorStateTag of={figures} />}
    </FlexRow>
  );
}

interface TabBodyProps {
  readonly tab: ConnectorTab;
  readonly connector: ConnectorJson;
  readonly figures: ConnectorFigures | undefined;
  readonly question: ExplainSearch;
}

function TabBody({ tab, connector, figures, question }: TabBodyProps) {
  switch (tab) {
    case "state":
      return <StateTab connector={connector} figures={figures} />;
    case "settings":
      return <ConnectorSettingsForm key={connector.id} connector={connector} />;
    case "tokens":
      return <ConnectorTokensPanel key={tab} connectorId={connector.id} kind="tokens" />;
    case "screen-pop-keys":
      return <ConnectorTokensPanel key={tab} connectorId={connector.id} kind="screen-pop-keys" />;
    case "test":
      return <VerifyConnectorTab connectorId={connector.id} />;
    case "explain":
      return <ExplainCxoneAnswerPanel connector={connector} search={question} />;
  }
}

function StateTab({ connector, figures }: Pick<TabBodyProps, "connector" | "figures">) {
  const { delivery, cxone } = connector;
  const { rate } = delivery;
  return (
    <div className={styles.stack}>
      {figures !== undefined && <ConnectorsTable connectors={[figures]} />}
      <Panel title="What it is">
        <FactList
          of={{
            Project: `${connector.accountId} / ${connector.projectId} / ${connector.environment}`,
            "Business unit": connector.businessUnit,
            "Pseudo numbers": connector.pseudoNumbers.length > 0 ? connector.pseudoNumbers.join(", ") : undefined,
            CXone: <MonoText>{cxone.apiEndpoint ?? cxone.issuer}</MonoText>,
            Deadline: `${formatDuration(delivery.deadlineMs)}, up to ${delivery.maxAttempts} attempts of ${formatDuration(delivery.attemptTimeoutMs)}`,
            Rate: rate === null ? "no limit" : `${rate.perSecond} a second, ${rate.burst} at once`,
            Guarantee: delivery.guarantee,
          }}
        />
        <FlexRow>
          <MutedText>On the command line:</MutedText>
          <CopyButton what="command" text={`baton connectors show ${connector.id}`} />
        </FlexRow>
      </Panel>
      <HandoffChartsPanel connectorId={connector.id} />
    </div>
  );
}
