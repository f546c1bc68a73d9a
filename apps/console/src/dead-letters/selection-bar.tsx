/** What is chosen: some of this page, or all that match. Each button says which of the two it takes. */
import { useState } from "react";
import type { DeadLetterJson } from "../api/answer-types.ts";
import { type DeadLetterSearch, pickPlanFilterParams } from "../page-search-params.ts";
import { Button, ButtonLink } from "../ui/button.tsx";
import { formatCount, pluralize } from "../ui/format-numbers-and-times.ts";
import { MutedText } from "../ui/page-layout.tsx";
import styles from "./cause.module.css";
import { findChosenRowsTimeSpan } from "./chosen-rows-time-span.ts";
import { ReplayChosenDialog } from "./replay-chosen-dialog.tsx";

interface SelectionBarProps {
  readonly page: readonly DeadLetterJson[];
  readonly chosen: ReadonlySet<string>;
  readonly choose: (ids: ReadonlySet<string>) => void;
  readonly search: DeadLetterSearch;
  readonly total: number | undefined;
}

export function SelectionBar({ page, chosen, choose, search, total }: SelectionBarProps) {
  const here = page.filter(({ id }) => chosen.has(id));
  const filter = pickPlanFilterParams(search);
  // No plan has this filter: it would take others than are shown.
  const isPlannable = search.mayHaveArrived === undefined;
  const span = isPlannable ? findChosenRowsTimeSpan(page, chosen) : undefined;
  const planned = span === undefined ? undefined : { ...filter, ...span, chosen: String(here.length) };
  const all = total === undefined ? "all that match" : `all ${formatCount(total)} that match`;
  return (
    <div className={styles.selection}>
      {here.length === 0 ? (
        <MutedText>Nothing chosen on this page.</MutedText>
      ) : (
        <strong>{pluralize(here.length, "dead letter")} of this page chosen</strong>
      )}
      {here.length < page.length && (
        <Button small look="quiet" onClick={() => choose(new Set(page.map(({ id }) => id)))}>
          Choose this page ({page.length})
        </Button>
      )}
      <ChosenButtons here={here} choose={choose} planned={planned} />
      {isPlannable && (
        <ButtonLink small to="/dead-letters/replay" search={filter}>
          Replay {all}…
        </ButtonLink>
      )}
    </div>
  );
}

interface ChosenButtonsProps extends Pick<SelectionBarProps, "choose"> {
  /** Those of the page that are chosen. */
  readonly here: readonly DeadLetterJson[];
  /** The filter of a plan that takes these and no other one of the page; undefined where there is none. */
  readonly planned: DeadLetterSearch | undefined;
}

/** ChosenButtons lead to a plan of the chosen ones, or, where no plan can name them, replay them one by one. */
function ChosenButtons({ here, choose, planned }: ChosenButtonsProps) {
  const [isDialogOpen, setIsDialogOpen] = useState(false);
  const words = `Replay ${formatCount(here.length)} chosen…`;
  return (
    <>
      {here.length > 0 && (
        <Button small look="quiet" onClick={() => choose(new Set())}>
          Choose none
        </Button>
      )}
      {planned !== undefined && (
        <ButtonLink small look="primary" to="/dead-letters/replay" search={planned}>
          {words}
        </ButtonLink>
      )}
      {here.length > 0 && planned === undefined && (
        <Button small look="primary" onClick={() => setIsDialogOpen(true)}>
          {words}
        </Button>
      )}
      {isDialogOpen && <ReplayChosenDialog deadLetters={here} onClose={() => setIsDialogOpen(false)} />}
    </>
  );
}
