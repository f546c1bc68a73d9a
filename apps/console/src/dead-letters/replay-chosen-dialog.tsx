/** Replaying dead letters of a page that no plan can name: what would become of each, and then what did. */
import { Link } from "@tanstack/react-router";
import { type SubmitEvent, useEffect, useRef, useState } from "react";
import { write } from "../api/request.ts";
import type { DeadLetterJson } from "../api/shapes.ts";
import { useConnectors } from "../connectors/use-connectors.ts";
import { Button } from "../ui/button.tsx";
import { commandOf } from "../ui/command.ts";
import { Dialog, DialogButtons } from "../ui/dialog.tsx";
import { NoteField } from "../ui/field.tsx";
import { formatCount, pluralize } from "../ui/format.ts";
import { Instant } from "../ui/instant.tsx";
import { Mono, Muted } from "../ui/page.tsx";
import { useAction } from "../ui/use-action.ts";
import styles from "./cause.module.css";
import { countOf, type Outcome, type Outcomes, previewOf, replayEach, sumOf, wordsOfOutcome } from "./replay-each.ts";

interface ReplayChosenProps {
  readonly deadLetters: readonly DeadLetterJson[];
  readonly onClose: () => void;
}

export function ReplayChosenDialog({ deadLetters, onClose }: ReplayChosenProps) {
  // What was chosen when it came up: the list behind goes on changing.
  const [chosen] = useState(deadLetters);
  const [note, setNote] = useState("");
  const { outcomes, hasBegun, busy, start, stop } = useReplayEach(chosen, note.trim());
  const ready = note.trim() !== "" && countOf(outcomes, "to-come") > 0;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (ready && !hasBegun) start();
  };
  return (
    <Dialog onClose={onClose} title={`Replay ${pluralize(chosen.length, "dead letter")}`}>
      <form className={styles.replayed} onSubmit={submit}>
        <p>
          A plan takes all of the list that died within a time, and others died between these. So each is replayed by
          itself, in turn, while this dialog is open. It gets a fresh deadline and goes behind live handoffs.
        </p>
        <NoteField required note={note} onChange={setNote} help="Kept in the audit, with each of them." />
        <strong role="status">{sumOf(outcomes)}</strong>
        <OutcomeList chosen={chosen} outcomes={outcomes} />
        {hasBegun && !busy && <Muted>Queued again is not delivered yet: each handoff says how it ended.</Muted>}
        <DialogButtons {...(hasBegun ? {} : { command: commandsOf(outcomes, note.trim()) })}>
          {busy ? (
            <Button onClick={stop}>Stop</Button>
          ) : (
            <Button onClick={onClose}>{hasBegun ? "Close" : "Cancel"}</Button>
          )}
          {!hasBegun && (
            <Button type="submit" look="primary" disabled={!ready}>
              Replay {formatCount(countOf(outcomes, "to-come"))}
            </Button>
          )}
        </DialogButtons>
      </form>
    </Dialog>
  );
}

/** commandsOf has a line for each that is to come. */
function commandsOf(outcomes: Outcomes, note: string): string {
  const ids = [...outcomes].filter(([, { kind }]) => kind === "to-come").map(([id]) => id);
  return ids.map((id) => commandOf(["dead-letters", "replay", id], { note })).join("\n");
}

/** useReplayEach begins with the preview. Closing the dialog and leaving the page stop it. */
function useReplayEach(deadLetters: readonly DeadLetterJson[], note: string) {
  const [outcomes, setOutcomes] = useState<Outcomes>(() => previewOf(deadLetters));
  const [hasBegun, setHasBegun] = useState(false);
  const isStopped = useRef(false);
  const stop = () => {
    isStopped.current = true;
  };
  useEffect(
    () => () => {
      isStopped.current = true;
    },
    [],
  );
  const replay = (id: string) =>
    write({ method: "POST", path: `/admin/v1/dead-letters/${encodeURIComponent(id)}/replay`, body: { note } });
  const action = useAction(() => {
    isStopped.current = false;
    setHasBegun(true);
    return replayEach({ outcomes, replay, onOutcomes: setOutcomes, isStopped: () => isStopped.current });
  });
  return { outcomes, hasBegun, busy: action.busy, start: () => action.run(undefined), stop };
}

interface OutcomeListProps {
  readonly chosen: readonly DeadLetterJson[];
  readonly outcomes: Outcomes;
}

function OutcomeList({ chosen, outcomes }: OutcomeListProps) {
  const { nameOf } = useConnectors();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keyboard
    <ul className={styles.outcomes} aria-label="Each of them" tabIndex={0}>
      {chosen.map(({ id, contactId, connectorId, diedAt }) => (
        <li key={id}>
          <Link to="/handoffs/$id" params={{ id }}>
            <Mono>{contactId}</Mono>
          </Link>{" "}
          <Muted>
            {nameOf(connectorId)} · died <Instant at={diedAt} as="distance" />
          </Muted>
          <OutcomeWords of={outcomes.get(id)} />
        </li>
      ))}
    </ul>
  );
}

function OutcomeWords({ of }: { readonly of: Outcome | undefined }) {
  return of === undefined ? null : <div data-outcome={of.kind}>{wordsOfOutcome(of)}</div>;
}
