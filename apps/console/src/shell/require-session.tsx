/** Without a session every page shows the sign-in page, at the address that was asked for. */
import { useEffect, useState } from "react";
import { LiveView } from "../live/live-view.tsx";
import { SessionContext, useSessionQuery } from "../session/session.ts";
import { SignInPage } from "../session/sign-in-page.tsx";
import { Shell } from "./shell.tsx";

/** The session is asked for again at this interval while no answer comes. Milliseconds. */
const RETRY_INTERVAL_MS = 5_000;

interface DoorProps {
  /** The code of the sign-in link that was opened. */
  readonly code: string | undefined;
}

export function RequireSession({ code }: DoorProps) {
  const result = useSessionQuery();
  const [wasIn, setWasIn] = useState(false);
  const { data, error, refetch } = result;
  useEffect(() => {
    if (data) setWasIn(true);
  }, [data]);
  useEffect(() => {
    if (data !== undefined || error === null) return;
    const timer = setTimeout(() => void refetch(), RETRY_INTERVAL_MS);
    return () => clearTimeout(timer);
  });
  // A link begins a new session, also where there is one.
  if (data === null) return <SignInPage code={wasIn ? undefined : code} isOver={wasIn} />;
  if (data === undefined) {
    return (
      <main id="main">
        <LiveView of={{ result, intervalMs: RETRY_INTERVAL_MS }}>{() => null}</LiveView>
      </main>
    );
  }
  return (
    <SessionContext value={data}>
      <Shell />
    </SessionContext>
  );
}
