/** One connector: its state, its settings, its tokens and keys, and whether CXone takes its signals. */
import { getRouteApi } from "@tanstack/react-router";
import type { ConnectorFigures, ConnectorJson, Overview } from "../api/shapes.ts";
import { LiveView } from "../live/live-view.tsx";
import { OVERVIEW_INTERVAL_MS, useLive } from "../live/use-live.ts";
import { ConnectorState, ConnectorsTable } from "../overview/connectors-table.tsx";
import { CONNECTOR_TABS, type ConnectorTab, type ExplainSearch } from "../search-params.ts";
import { CopyButton } from "../ui/copy.tsx";
import { TabLink, Tabs } from "../ui/filters.tsx";
import { formatDuration } from "../ui/format.ts";
import { lazyPart } from "../ui/lazy-part.tsx";
import { Facts, Mono, Muted, Page, Panel, Row } from "../ui/page.tsx";
import styles from "./connector.module.css";
import { ConnectorButtons } from "./connector-buttons.tsx";
import { TokenPanel } from "./token-panel.tsx";
import { VerifyPanel } from "./verify-panel.tsx";

const SettingsForm = lazyPart(async () => (await import("./settings-form.tsx")).SettingsForm);
const ExplainPanel = lazyPart(async () => (await import("./explain-panel.tsx")).ExplainPanel);
const Charts = lazyPart(async () => (await import("../charts/charts.tsx")).Charts);

const route = getRouteApi("/connectors/$id");

const TITLES: Readonly<Record<ConnectorTab, string>> = {
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
  const live = useLive<ConnectorJson>(`/admin/v1/connectors/${encodeURIComponent(id)}`);
  const overview = useLive<Overview>("/admin/v1/overview", { intervalMs: OVERVIEW_INTERVAL_MS });
  const figures = overview.result.data?.connectors.find((each) => each.id === id);
  const connector = live.result.data;
  return (
    <Page
      title={connector?.name ?? "Connector"}
      sub={<Subtitle id={id} figures={figures} />}
      live={live}
      actions={
        connector !== undefined && (
          <ConnectorButtons connector={connector} isThrottled={figures?.heldUntil !== undefined} />
        )
      }
    >
      <Tabs label="Parts of the connector">
        {CONNECTOR_TABS.map((each) => (
          <TabLink key={each} to="/connectors/$id" params={{ id }} search={{ tab: each }} isOpen={each === tab}>
            {TITLES[each]}
          </TabLink>
        ))}
      </Tabs>
      <LiveView of={live}>
        {(known) => <TabBody tab={tab} connector={known} figures={figures} question={question} />}
      </LiveView>
    </Page>
  );
}

function Subtitle({ id, figures }: { readonly id: string; readonly figures: ConnectorFigures | undefined }) {
  return (
    <Row>
      <Mono>{id}</Mono>
      <CopyButton what="id" text={id} />
      {figures !== undefined && <ConnectorState of={figures} />}
    </Row>
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
      return <SettingsForm key={connector.id} connector={connector} />;
    case "tokens":
      return <TokenPanel key={tab} connectorId={connector.id} kind="tokens" />;
    case "screen-pop-keys":
      return <TokenPanel key={tab} connectorId={connector.id} kind="screen-pop-keys" />;
    case "test":
      return <VerifyPanel connectorId={connector.id} />;
    case "explain":
      return <ExplainPanel connector={connector} search={question} />;
  }
}

function StateTab({ connector, figures }: Pick<TabBodyProps, "connector" | "figures">) {
  const { delivery, cxone } = connector;
  const { rate } = delivery;
  return (
    <div className={styles.stack}>
      {figures !== undefined && <ConnectorsTable connectors={[figures]} />}
      <Panel title="What it is">
        <Facts
          of={{
            Project: `${connector.accountId} / ${connector.projectId} / ${connector.environment}`,
            "Business unit": connector.businessUnit,
            "Pseudo numbers": connector.pseudoNumbers.length > 0 ? connector.pseudoNumbers.join(", ") : undefined,
            CXone: <Mono>{cxone.apiEndpoint ?? cxone.issuer}</Mono>,
            Deadline: `${formatDuration(delivery.deadlineMs)}, up to ${delivery.maxAttempts} attempts of ${formatDuration(delivery.attemptTimeoutMs)}`,
            Rate: rate === null ? "no limit" : `${rate.perSecond} a second, ${rate.burst} at once`,
            Guarantee: delivery.guarantee,
          }}
        />
        <Row>
          <Muted>On the command line:</Muted>
          <CopyButton what="command" text={`baton connectors show ${connector.id}`} />
        </Row>
      </Panel>
      <Charts connectorId={connector.id} />
    </div>
  );
}
