/** Dead letters, by cause or as a list. */
import { getRouteApi } from "@tanstack/react-router";
import { type DeadLetterSearch, isUnfiltered, pickPlanFilterParams, toPlanFilter } from "../page-search-params.ts";
import { DeadLetterFilterSummary } from "../runs/dead-letter-filter-summary.tsx";
import { usePermissions } from "../session/session-and-permissions.ts";
import { ButtonLink } from "../ui/button.tsx";
import { Page } from "../ui/page-layout.tsx";
import { TabLink, Tabs } from "../ui/tabs.tsx";
import { CauseList } from "./cause-list.tsx";
import { DeadLetterFilters } from "./dead-letter-filters.tsx";
import { DeadLetterList } from "./dead-letter-list.tsx";

const route = getRouteApi("/dead-letters");

export function DeadLettersPage() {
  const search = route.useSearch();
  const tab = search.tab ?? "causes";
  return (
    <Page
      title="Dead letters"
      sub={isUnfiltered(search) ? "Handoffs that ended without CXone accepting them." : <FilterSubtitle by={search} />}
      actions={<PlanLinks search={search} />}
    >
      <Tabs label="Dead letters by">
        <TabLink
          to="/dead-letters"
          search={{ tab: "causes", connectorId: search.connectorId }}
          isOpen={tab === "causes"}
        >
          By cause
        </TabLink>
        <TabLink
          to="/dead-letters"
          search={{ ...pickPlanFilterParams(search), mayHaveArrived: search.mayHaveArrived, tab: "list" }}
          isOpen={tab === "list"}
        >
          List
        </TabLink>
      </Tabs>
      <DeadLetterFilters tab={tab} search={search} />
      {tab === "causes" ? (
        <CauseList search={search} />
      ) : (
        <DeadLetterList key={JSON.stringify(search)} search={search} />
      )}
    </Page>
  );
}

const ARRIVALS = {
  true: "whose signal may have arrived",
  false: "whose signal cannot have arrived",
} as const;

/** FilterSubtitle says in words what the list has: a cause in the address is a fingerprint. */
function FilterSubtitle({ by }: { readonly by: DeadLetterSearch }) {
  return (
    <>
      <DeadLetterFilterSummary of={toPlanFilter(by)} />
      {by.mayHaveArrived !== undefined && `, ${ARRIVALS[by.mayHaveArrived]}`}
    </>
  );
}

/** PlanLinks lead to the plans of what the filters match. */
function PlanLinks({ search }: { readonly search: DeadLetterSearch }) {
  const { canOperate } = usePermissions();
  // No plan knows what may have arrived from what cannot have.
  if (!canOperate || search.mayHaveArrived !== undefined) return null;
  return (
    <>
      <ButtonLink to="/dead-letters/discard" search={pickPlanFilterParams(search)}>
        Discard many…
      </ButtonLink>
      <ButtonLink look="primary" to="/dead-letters/replay" search={pickPlanFilterParams(search)}>
        Replay many…
      </ButtonLink>
    </>
  );
}
