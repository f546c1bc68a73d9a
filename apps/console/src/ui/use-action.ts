/** One deed: busy while it is done, and in words what was wrong with it. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { wordsOf } from "../api/problem.ts";

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
  const mutation = useMutation({
    mutationFn: act,
    onSuccess: async (result) => {
      onDone?.(result);
      await client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== "session" });
    },
  });
  const error = mutation.error ?? undefined;
  return {
    run: (argument) => {
      if (!mutation.isPending) mutation.mutate(argument);
    },
    busy: mutation.isPending,
    error,
    refused: error === undefined ? undefined : wordsOf(error),
  };
}
