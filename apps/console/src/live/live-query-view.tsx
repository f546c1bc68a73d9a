/** What stands on a page while its answer is awaited, missing, old or there. */
import type { ReactNode } from "react";
import { failureKindOfError } from "../api/request-error.ts";
import { joinClassNames } from "../ui/join-class-names.ts";
import { LoadingPlaceholder } from "../ui/loading-placeholder.tsx";
import { useIsStale } from "./freshness-tag.tsx";
import styles from "./live.module.css";
import { RequestErrorNotice } from "./request-error-notice.tsx";
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
  const error = failureKindOfError(of.result.error) === "session-over" ? null : of.result.error;
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
