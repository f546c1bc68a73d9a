/** An action: busy while it runs, and in words why it failed. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { describeError, failureKindOfError } from "../api/request-error.ts";

/** ApiAction runs once at a time. */
export interface ApiAction<A> {
  readonly run: (argument: A) => void;
  readonly busy: boolean;
  /** What was thrown the last time; undefined while it runs, and after it was done. */
  readonly error: Error | undefined;
  readonly refused: string | undefined;
}

/** useApiAction has everything on the page asked for anew once it is done, then calls `onDone`. */
export function useApiAction<A, R>(act: (argument: A) => Promise<R>, onDone?: (result: R) => unknown): ApiAction<A> {
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
    refused: error === undefined ? undefined : describeActionError(error),
  };
}

/** Where the session was over one has signed in since, or would not see it. */
function describeActionError(error: Error): string {
  return failureKindOfError(error) === "session-over"
    ? "Your session was over, and nothing was done: press again."
    : describeError(error);
}
