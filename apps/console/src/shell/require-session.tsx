/** Without a session every page shows the sign-in page, at the address that was asked for. */
import { Activity, useEffect, useState } from "react";
import type { Session } from "../api/answer-types.ts";
import { LiveQueryView } from "../live/live-query-view.tsx";
import { SessionContext, useSessionQuery } from "../session/session-and-permissions.ts";
import { SignInPage } from "../session/sign-in-page.tsx";
import { AppShell } from "./app-shell.tsx";

/** The session is asked for again at this interval while no answer comes. Milliseconds. */
const RETRY_INTERVAL_MS = 5_000;

interface RequireSessionProps {
  /** The code of the sign-in link that was opened. */
  readonly code: string | undefined;
}

export function RequireSession({ code }: RequireSessionProps) {
  const result = useSessionQuery();
  const [known, setKnown] = useState<Session>();
  const { data, error, refetch } = result;
  const session = typeof data === "object" ? data : known;
  useEffect(() => {
    if (typeof data === "object") setKnown(data);
  }, [data]);
  useEffect(() => {
    if (data !== undefined || error === null) return;
    const timer = setTimeout(() => void refetch(), RETRY_INTERVAL_MS);
    return () => clearTimeout(timer);
  });
  if (data === undefined) {
    return (
      <main id="main">
        <LiveQueryView of={{ result, intervalMs: RETRY_INTERVAL_MS }}>{() => null}</LiveQueryView>
      </main>
    );
  }
  // A link begins a new session, also where there is one; it was used for the one that is known.
  if (session === undefined || data === "none") return <SignInPage code={known ? undefined : code} isOver={false} />;
  return (
    <>
      {data === "over" && <SignInPage code={undefined} isOver />}
      <Activity mode={data === "over" ? "hidden" : "visible"}>
        <SessionContext value={session}>
          <AppShell />
        </SessionContext>
      </Activity>
    </>
  );
}
