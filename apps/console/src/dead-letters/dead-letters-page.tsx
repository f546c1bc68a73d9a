/** Dead letters, by cause or as a list. */
import { getRouteApi, Link } from "@tanstack/react-router";
import { useMay } from "../session/session.ts";
import { ButtonLink } from "../ui/button.tsx";
import { TAB_CLASS, Tabs } from "../ui/filters.tsx";
import { Page } from "../ui/page.tsx";
import { CauseList } from "./cause-list.tsx";
import { DeadLetterFilters } from "./dead-letter-filters.tsx";
import { DeadLetterList } from "./dead-letter-list.tsx";

const route = getRouteApi("/dead-letters");

export function DeadLettersPage() {
  const search = route.useSearch();
  const tab = search.tab ?? "causes";
  const { operate } = useMay();
  const { connectorId, reason, cause, contactId, from, to } = search;
  const filter = { connectorId, reason, cause, contactId, from, to };
  return (
    <Page
      title="Dead letters"
      sub="Handoffs that ended without CXone accepting them."
      actions={
        operate && (
          <>
            <ButtonLink to="/dead-letters/discard" search={filter}>
              Discard many…
            </ButtonLink>
            <ButtonLink look="primary" to="/dead-letters/replay" search={filter}>
              Replay many…
            </ButtonLink>
          </>
        )
      }
    >
      <Tabs label="Dead letters by">
        <Link
          to="/dead-letters"
          search={{ tab: "causes", connectorId: search.connectorId }}
          className={TAB_CLASS}
          aria-current={tab === "causes" ? "page" : undefined}
        >
          By cause
        </Link>
        <Link
          to="/dead-letters"
          search={{ ...filter, tab: "list" }}
          className={TAB_CLASS}
          aria-current={tab === "list" ? "page" : undefined}
        >
          List
        </Link>
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
