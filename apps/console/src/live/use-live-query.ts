/** Reads a path of the admin API again and again while it is looked at. */
import { keepPreviousData, type UseQueryResult, useQuery } from "@tanstack/react-query";
import { type QueryParams, readFromApi } from "../api/send-api-request.ts";
import { useLiveUpdatesPaused } from "./live-updates-pause.ts";

/** OVERVIEW_INTERVAL_MS and LIST_INTERVAL_MS: how often a page asks. */
export const OVERVIEW_INTERVAL_MS = 2_000;
export const LIST_INTERVAL_MS = 10_000;

export interface LiveQueryOptions {
  readonly query?: QueryParams;
  readonly intervalMs?: number;
  /** False: not asked for yet. */
  readonly enabled?: boolean;
  /** What another address showed stays until this one has an answer: for the pages of one list. */
  readonly keepsPrevious?: boolean;
}

/** LiveQuery is the newest answer, and how often a newer one is asked for. */
export interface LiveQuery<T> {
  readonly result: UseQueryResult<T>;
  readonly intervalMs: number;
}

/**
 * useLiveQuery reads `path`, and again every `intervalMs`: never twice at once, not in a hidden tab, and not while
 * updates are paused.
 */
export function useLiveQuery<T>(path: string, options: LiveQueryOptions = {}): LiveQuery<T> {
  const { query, intervalMs = LIST_INTERVAL_MS, enabled = true, keepsPrevious = false } = options;
  const paused = useLiveUpdatesPaused();
  const result = useQuery<T>({
    queryKey: [path, query ?? {}],
    queryFn: ({ signal }) => readFromApi<T>(path, query, signal),
    enabled,
    refetchInterval: paused ? false : intervalMs,
    refetchIntervalInBackground: false,
    refetchOnWindowFocus: !paused,
    refetchOnReconnect: !paused,
    ...(keepsPrevious ? { placeholderData: keepPreviousData } : {}),
  });
  return { result, intervalMs };
}
