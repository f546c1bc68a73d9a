/** Replaying dead letters of a page that no plan can name: what would become of each, and then what did. */
import { Link } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import type { DeadLetterJson } from "../api/answer-types.ts";
import { writeToApi } from "../api/send-api-request.ts";
import { useConnectors } from "../connectors/use-connectors.ts";
import { Button } from "../ui/button.tsx";
import { Dialog, DialogButtons } from "../ui/dialog.tsx";
import { Form, NoteField } from "../ui/form-fields.tsx";
import { formatBatonCommand } from "../ui/format-baton-command.ts";
import { formatCount, pluralize } from "../ui/format-numbers-and-times.ts";
import { Instant } from "../ui/instant.tsx";
import { MonoText, MutedText } from "../ui/page-layout.tsx";
import { useApiAction } from "../ui/use-api-action.ts";
import styles from "./cause.module.css";
import {
  countReplayOutcomesOfKind,
  describeReplayOutcome,
  predictReplayOutcomes,
  type ReplayOutcome,
  type ReplayOutcomes,
  replayOneByOne,
  summarizeReplayOutcomes,
} from "./replay-one-by-one.ts";

interface ReplayChosenProps {
  readonly deadLetters: readonly DeadLetterJson[];
  readonly onClose: () => void;
}

export function ReplayChosenDialog({ deadLetters, onClose }: ReplayChosenProps) {
  // What was chosen when it came up: the list behind goes on changing.
  const [chosen] = useState(deadLetters);
  const [note, setNote] = useState("");
  const { outcomes, hasBegun, busy, start, stop } = useReplayOneByOne(chosen, note.trim());
  const ready = note.trim() !== "" && countReplayOutcomesOfKind(outcomes, "to-come") > 0;
  const submit = () => {
    if (ready && !hasBegun) start();
  };
  return (
    <Dialog onClose={onClose} title={`Replay ${pluralize(chosen.length, "dead letter")}`}>
      <Form className={styles.replayed} onSubmit={submit}>
        <p>
          A plan takes all of the list that died within a time, and others died between these. So each is replayed by
          itself, in turn, while this dialog is open. It gets a fresh deadline and goes behind live handoffs.
        </p>
        <NoteField required note={note} onChange={setNote} help="Kept in the audit, with each of them." />
        <strong role="status">{summarizeReplayOutcomes(outcomes)}</strong>
        <OutcomeList chosen={chosen} outcomes={outcomes} />
        {hasBegun && !busy && <MutedText>Queued again is not delivered yet: each handoff says how it ended.</MutedText>}
        <DialogButtons {...(hasBegun ? {} : { command: formatReplayCommands(outcomes, note.trim()) })}>
          {busy ? (
            <Button onClick={stop}>Stop</Button>
          ) : (
            <Button onClick={onClose}>{hasBegun ? "Close" : "Cancel"}</Button>
          )}
          {!hasBegun && (
            <Button type="submit" look="primary" disabled={!ready}>
              Replay {formatCount(countReplayOutcomesOfKind(outcomes, "to-come"))}
            </Button>
          )}
        </DialogButtons>
      </Form>
    </Dialog>
  );
}

/** formatReplayCommands has a line for each that is to come. */
function formatReplayCommands(outcomes: ReplayOutcomes, note: string): string {
  const ids = [...outcomes].filter(([, { kind }]) => kind === "to-come").map(([id]) => id);
  return ids.map((id) => formatBatonCommand(["dead-letters", "replay", id], { note })).join("\n");
}

/** useReplayOneByOne begins with the preview. Closing the dialog and leaving the page stop it. */
function useReplayOneByOne(deadLetters: readonly DeadLetterJson[], note: string) {
  const [outcomes, setOutcomes] = useState<ReplayOutcomes>(() => predictReplayOutcomes(deadLetters));
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
    writeToApi({ method: "POST", path: `/admin/v1/dead-letters/${encodeURIComponent(id)}/replay`, body: { note } });
  const action = useApiAction(() => {
    isStopped.current = false;
    setHasBegun(true);
    return replayOneByOne({ outcomes, replay, onOutcomes: setOutcomes, isStopped: () => isStopped.current });
  });
  return { outcomes, hasBegun, busy: action.busy, start: () => action.run(undefined), stop };
}

interface OutcomeListProps {
  readonly chosen: readonly DeadLetterJson[];
  readonly outcomes: ReplayOutcomes;
}

function OutcomeList({ chosen, outcomes }: OutcomeListProps) {
  const { nameOf } = useConnectors();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keyboard
    <ul className={styles.outcomes} aria-label="Each of them" tabIndex={0}>
      {chosen.map(({ id, contactId, connectorId, diedAt }) => (
        <li key={id}>
          <Link to="/handoffs/$id" params={{ id }}>
            <MonoText>{contactId}</MonoText>
          </Link>{" "}
          <MutedText>
            {nameOf(connectorId)} · died <Instant at={diedAt} as="distance" />
          </MutedText>
          <OutcomeText of={outcomes.get(id)} />
        </li>
      ))}
    </ul>
  );
}

function OutcomeText({ of }: { readonly of: ReplayOutcome | undefined }) {
  return of === undefined ? null : <div data-outcome={of.kind}>{describeReplayOutcome(of)}</div>;
}
