/** What stands on a page while its answer is awaited, missing, old or there. */
import type { ReactNode } from "react";
import { describeError, failureKindOf } from "../api/request-error.ts";
import { Button } from "../ui/button.tsx";
import { joinClassNames } from "../ui/join-class-names.ts";
import { Notice } from "../ui/notice.tsx";
import { useIsStale } from "./freshness.tsx";
import styles from "./live.module.css";
import type { LiveQuery } from "./use-live-query.ts";

interface LiveQueryViewProps<T> {
  readonly of: LiveQuery<T>;
  readonly children: (data: T) => ReactNode;
}

/** LiveQueryView shows the answer; where newer ones fail to come, it says why, and keeps the last one, greyed. */
export function LiveQueryView<T>({ of, children }: LiveQueryViewProps<T>) {
  const stale = useIsStale(of);
  const { data, refetch } = of.result;
  // Where the session is over the sign-in page says so, and all is asked for again after it.
  const error = failureKindOf(of.result.error) === "session-over" ? null : of.result.error;
  if (data === undefined)
    return error === null ? <LoadingPlaceholder /> : <RequestErrorNotice error={error} retry={refetch} />;
  return (
    <div className={styles.stack}>
      {error !== null && <RequestErrorNotice error={error} retry={refetch} />}
      <div className={joinClassNames(styles.stack, stale && styles.stale)} data-stale={stale || undefined}>
        {children(data)}
      </div>
    </div>
  );
}

export function LoadingPlaceholder() {
  return (
    <div className={styles.loading} role="status" aria-label="Loading">
      <div className={styles.bar} />
      <div className={styles.bar} />
      <div className={styles.bar} />
    </div>
  );
}

interface RequestErrorNoticeProps {
  readonly error: unknown;
  readonly retry?: () => unknown;
}

/** RequestErrorNotice says what cannot be shown and why, and what that means for the callers. */
export function RequestErrorNotice({ error, retry }: RequestErrorNoticeProps) {
  const { title, text, retried } = describeFailure(error);
  return (
    <Notice tone={retried ? "bad" : "warn"} title={title} role="alert">
      <p>{text}</p>
      {retried && retry !== undefined && (
        <Button small onClick={() => retry()}>
          Try now
        </Button>
      )}
    </Notice>
  );
}

interface FailureDescription {
  readonly title: string;
  readonly text: string;
  /** The page goes on asking. */
  readonly retried: boolean;
}

function describeFailure(error: unknown): FailureDescription {
  const words = describeError(error);
  switch (failureKindOf(error)) {
    case "admin-gone":
      return {
        title: "Baton's admin process does not answer",
        text: "Handoffs are accepted and sent without it; only this console is blind. It keeps asking.",
        retried: true,
      };
    case "redis-gone":
      return {
        title: "Redis cannot be reached",
        text: "New handoffs are answered 503 until it is back, and nothing is sent. What was accepted is kept. This page keeps asking.",
        retried: true,
      };
    case "forbidden":
      return { title: "Your role does not allow this", text: words, retried: false };
    case "not-found":
      return { title: "Nothing is here", text: words, retried: false };
    case "session-over":
      return { title: "Your session is over", text: "Sign in to go on.", retried: false };
    case "refused":
      return { title: "Baton refused this", text: words, retried: false };
  }
}
