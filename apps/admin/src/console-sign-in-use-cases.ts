/** Signing in to the console: an admin key, or a sign-in link, becomes a session. */
import type { SignInBody } from "@baton/api";
import { Refusal } from "@baton/domain";
import { type LoginLimit, networkPrefixOf } from "@baton/runtime";
import { hashToken } from "@baton/vault";
import type { Authenticate } from "./authenticate-operator.ts";
import type { ConsoleSessions, KeyHolder, StartedSession } from "./console-sessions.ts";

/** SignIn is a key or code, and the IP address that it came from. */
export interface SignIn {
  readonly credential: SignInBody;
  readonly address: string;
}

interface Deps {
  readonly authenticate: Authenticate;
  readonly sessions: Pick<ConsoleSessions, "start" | "takeCode" | "createCode">;
  readonly limit: LoginLimit;
}

/**
 * SignInUseCases throw Refusal `unauthenticated`, and `too-many-requests` once too many wrong ones came from a network.
 */
export interface SignInUseCases {
  signIn(signIn: SignIn): Promise<StartedSession>;
  /** createCode makes a sign-in link's code, good for one session of that key's. */
  createCode(signIn: { readonly key: string; readonly address: string }): ReturnType<ConsoleSessions["createCode"]>;
}

/** refuseKey says where a key belongs when it is used to sign in: in the body, not in a header. */
function refuseKey(error: unknown): never {
  if (!(error instanceof Refusal) || error.code !== "unauthenticated") throw error;
  throw new Refusal(
    "unauthenticated",
    "this is no valid admin key; send one as `key`, or a sign-in link's code as `code`",
  );
}

/** createSignInUseCases counts wrong codes apart from wrong keys: an old link does not lock an operator out. */
export function createSignInUseCases({ authenticate, sessions, limit }: Deps): SignInUseCases {
  async function holderOfKey(key: string, address: string): Promise<KeyHolder> {
    const actor = await authenticate({ authorization: `Bearer ${key}`, address });
    return { actor, key: { keyId: actor.id, keyHash: hashToken(key) } };
  }

  async function holderOfCode(code: string, address: string): Promise<KeyHolder> {
    const who = `sign-in link ${networkPrefixOf(address)}`;
    limit.admit(who);
    const holder = await sessions.takeCode(code);
    if (holder !== undefined) return holder;
    limit.recordFailure(who);
    throw new Refusal("unauthenticated", "this sign-in link was used, or is too old; sign in with an admin key");
  }

  return {
    async signIn({ credential: { key, code = "" }, address }) {
      const holder = key === undefined ? holderOfCode(code, address) : holderOfKey(key, address).catch(refuseKey);
      return sessions.start(await holder);
    },
    createCode: async ({ key, address }) => sessions.createCode(await holderOfKey(key, address)),
  };
}
