/** Who is signed in, and what his role may do. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, useContext } from "react";
import type { Session } from "../api/answer-types.ts";
import { RequestError } from "../api/request-error.ts";
import { readFromApi, writeToApi } from "../api/send-api-request.ts";

const PATH = "/admin/v1/session";
/** SESSION_KEY is where the answer about the session is kept. */
export const SESSION_KEY = ["session"] as const;

/**
 * SessionAnswer is the session; `none` where none was begun, or one was ended by its operator; `over` where one ended
 * by itself.
 */
export type SessionAnswer = Session | "none" | "over";

/** useSessionQuery asks once who is signed in. */
export function useSessionQuery() {
  return useQuery<SessionAnswer>({ queryKey: SESSION_KEY, queryFn: readSession, staleTime: Number.POSITIVE_INFINITY });
}

async function readSession(): Promise<SessionAnswer> {
  try {
    return await readFromApi<Session>(PATH);
  } catch (error) {
    if (error instanceof RequestError && error.failureKind === "session-over") return "none";
    throw error;
  }
}

/** Everything that was asked for in the session that ended. */
function isOfEndedSession({ queryKey }: { readonly queryKey: readonly unknown[] }): boolean {
  return queryKey[0] !== SESSION_KEY[0];
}

/** SignInSecret is what a session begins with: an admin key, or the code of a sign-in link. */
export type SignInSecret = { readonly key: string } | { readonly code: string };

/** useSignInAndOut gives the two ways to change who is signed in, `signIn` and `signOut`. */
export function useSignInAndOut() {
  const client = useQueryClient();
  return {
    async signIn(secret: SignInSecret): Promise<void> {
      const session = await writeToApi<Session>({ method: "POST", path: PATH, body: secret });
      client.setQueryData(SESSION_KEY, session);
      await client.invalidateQueries({ predicate: isOfEndedSession });
    },
    async signOut(): Promise<void> {
      await writeToApi({ method: "DELETE", path: PATH });
      client.setQueryData<SessionAnswer>(SESSION_KEY, "none");
      client.removeQueries({ predicate: isOfEndedSession });
    },
  };
}

export const SessionContext = createContext<Session | undefined>(undefined);

/** useSession is the session; only below the shell. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === undefined) throw new Error("there is no session here");
  return session;
}

/** Permissions say what the role allows; the server holds it, the pages only do not offer the rest. */
export interface Permissions {
  /** Replay, discard, cancel, pause, verify. */
  readonly canOperate: boolean;
  /** Change connectors and keys. */
  readonly canAdminister: boolean;
}

/** usePermissions gives those of who is signed in; only below the shell. */
export function usePermissions(): Permissions {
  const { role } = useSession();
  return { canOperate: role !== "viewer", canAdminister: role === "admin" };
}
