/** Replaying some dead letters of a page: those that are named, one after the other, and what became of each. */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { problemSlug, wordsOf } from "../api/problem.ts";
import { write } from "../api/request.ts";
import type { DeadLetterJson } from "../api/shapes.ts";
import { Button } from "../ui/button.tsx";
import { Dialog, DialogButtons } from "../ui/dialog.tsx";
import { NoteField } from "../ui/field.tsx";
import { formatCount, pluralize } from "../ui/format.ts";

interface Result {
  readonly replayed: number;
  /** How many were not, by why. */
  readonly refused: Readonly<Record<string, number>>;
}

const NOTHING: Result = { replayed: 0, refused: {} };

const WHY: Readonly<Record<string, string>> = {
  "not-dead": "no dead letter any more",
  "may-duplicate": "may have arrived already: look at each before it is replayed",
};

interface ReplayChosenProps {
  readonly deadLetters: readonly DeadLetterJson[];
  readonly onClose: () => void;
}

export function ReplayChosenDialog({ deadLetters, onClose }: ReplayChosenProps) {
  // What was chosen when it came up: the list behind goes on changing.
  const [chosen] = useState(deadLetters);
  const [note, setNote] = useState("");
  const [result, setResult] = useState<Result>();
  const [busy, setBusy] = useState(false);
  const client = useQueryClient();
  const replay = async () => {
    setBusy(true);
    await replayEach(chosen, note, setResult);
    setBusy(false);
    await client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== "session" });
  };
  return (
    <Dialog onClose={onClose} title={`Replay ${pluralize(chosen.length, "dead letter")}`}>
      <p>Each is queued again with a fresh deadline. What may have arrived already is left alone.</p>
      <NoteField note={note} onChange={setNote} />
      <ResultView of={result} total={chosen.length} />
      <DialogButtons>
        <Button onClick={onClose}>{result === undefined ? "Cancel" : "Close"}</Button>
        {(busy || result === undefined) && (
          <Button look="primary" disabled={busy} onClick={() => void replay()}>
            Replay {formatCount(chosen.length)}
          </Button>
        )}
      </DialogButtons>
    </Dialog>
  );
}

async function replayEach(
  deadLetters: readonly DeadLetterJson[],
  note: string,
  onResult: (result: Result) => void,
): Promise<void> {
  let result = NOTHING;
  for (const { id } of deadLetters) {
    try {
      const path = `/admin/v1/dead-letters/${encodeURIComponent(id)}/replay`;
      await write({ method: "POST", path, body: note === "" ? {} : { note } });
      result = { ...result, replayed: result.replayed + 1 };
    } catch (error) {
      const why = WHY[problemSlug(error) ?? ""] ?? wordsOf(error);
      result = { ...result, refused: { ...result.refused, [why]: (result.refused[why] ?? 0) + 1 } };
    }
    onResult(result);
  }
}

function ResultView({ of, total }: { readonly of: Result | undefined; readonly total: number }) {
  if (of === undefined) return null;
  return (
    <div role="status">
      <strong>
        {formatCount(of.replayed)} of {formatCount(total)} replayed
      </strong>
      <ul>
        {Object.entries(of.refused).map(([why, times]) => (
          <li key={why}>
            {formatCount(times)} not: {why}
          </li>
        ))}
      </ul>
    </div>
  );
}
