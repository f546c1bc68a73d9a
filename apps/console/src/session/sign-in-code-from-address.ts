/** The code of a sign-in link, `/sign-in#code=…`. */

const PATH = "/sign-in";
const FRAGMENT = "#code=";

/**
 * takeSignInCodeFromAddress reads the code and takes it out of the address at once, so that it is in no history and no
 * picture of the screen; undefined where there is none.
 */
export function takeSignInCodeFromAddress(): string | undefined {
  const { pathname, hash, search } = window.location;
  if (pathname !== PATH) return undefined;
  const to = new URLSearchParams(search).get("to");
  window.history.replaceState(null, "", isOwnPath(to) ? to : "/");
  return hash.startsWith(FRAGMENT) ? hash.slice(FRAGMENT.length) : undefined;
}

/** isOwnPath keeps a link from leading to another site. */
function isOwnPath(to: string | null): to is string {
  return to !== null && /^\/(?![/\\])/.test(to);
}
