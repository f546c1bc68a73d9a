import { expect, it } from "vitest";
import { createToken, hashToken, matchesHash, parseToken, type TokenPrefix } from "./secret-token.ts";

it.each<TokenPrefix>(["bt", "bk", "ba"])(
  "makes %s tokens that are found by their id and match their hash alone",
  (prefix) => {
    const { id, token, hash } = createToken(prefix);
    expect(token).toMatch(new RegExp(`^${prefix}_${id}_[0-9A-Z]{52}$`));
    expect(parseToken(token)).toEqual({ prefix, id });
    expect(hash).toBe(hashToken(token));
    expect(matchesHash(token, hash)).toBe(true);
    expect(matchesHash(createToken(prefix).token, hash)).toBe(false);
    expect(matchesHash(token, "")).toBe(false);
  },
);

it.each(["", "bt_", "bx_0000000000000000_", "Bearer bt_"])("does not take %o for a token", (text) => {
  expect(parseToken(text)).toBeUndefined();
});

it("does not take a token with anything around it, or with characters that Crockford leaves out", () => {
  const { token } = createToken("bt");
  for (const text of [` ${token}`, `${token}\n`, `${token}0`, token.slice(0, -1), `${token.slice(0, -1)}U`]) {
    expect(parseToken(text)).toBeUndefined();
  }
});
