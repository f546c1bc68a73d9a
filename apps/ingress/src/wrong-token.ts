/** What is said of a wrong token or key: 401, and once too many came, 429. */
import { Refusal } from "@baton/domain";
import { type LoginLimit, networkOf } from "@baton/runtime";
import { parseToken } from "@baton/vault";

/** WrongToken is what somebody came with in vain. */
export interface WrongToken {
  readonly token: string;
  /** The client's IP address. */
  readonly address: () => string;
  /** What would be accepted. */
  readonly wanted: string;
}

/** RefuseToken gives Refusal `unauthenticated` or throws `too-many-requests`. */
export type RefuseToken = (wrong: WrongToken) => Refusal;

/**
 * createRefuseToken counts by address and by the token's own id: many projects call from one address, and one that goes
 * on with a token that was revoked must not take the others' place. Right tokens are never counted and never refused:
 * nobody guesses 256 bits.
 */
export function createRefuseToken(limit: LoginLimit): RefuseToken {
  return ({ token, address, wanted }) => {
    if (token !== "") {
      const who = `${networkOf(address())} ${parseToken(token)?.id ?? ""}`;
      limit.admit(who);
      limit.failed(who);
    }
    return new Refusal("unauthenticated", wanted);
  };
}
