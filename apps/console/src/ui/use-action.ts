/** An action: busy while it runs, and in words why it failed. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { troubleOf, wordsOf } from "../api/problem.ts";

/** Action runs once at a time. */
export interface Action<A> {
  readonly run: (argument: A) => void;
  readonly busy: boolean;
  /** What was thrown the last time; undefined while it runs, and after it was done. */
  readonly error: Error | undefined;
  readonly refused: string | undefined;
}

/** useAction has everything on the page asked for anew once it is done, then calls `onDone`. */
export function useAction<A, R>(act: (argument: A) => Promise<R>, onDone?: (result: R) => unknown): Action<A> {
  const client = useQueryClient();
  const isRunning = useRef(false);
  const mutation = useMutation({
    mutationFn: act,
    onSettled: () => {
      isRunning.current = false;
    },
    onSuccess: async (result) => {
      onDone?.(result);
      await client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== "session" });
    },
  });
  const error = mutation.error ?? undefined;
  return {
    run: (argument) => {
      // Not by what was drawn: a second press may come before that.
      if (isRunning.current) return;
      isRunning.current = true;
      mutation.mutate(argument);
    },
    busy: mutation.isPending,
    error,
    refused: error === undefined ? undefined : refusalOf(error),
  };
}

/** Where the session was over one has signed in since, or would not see it. */
function refusalOf(error: Error): string {
  return troubleOf(error) === "session-over"
    ? "Your session was over, and nothing was done: press again."
    : wordsOf(error);
}
