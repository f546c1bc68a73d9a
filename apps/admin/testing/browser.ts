/** What a browser sends to admin: its cookie, and where its page is from. */
import type { Answer } from "./world.ts";

/** A header that is undefined is not sent. */
type Headers = Record<string, string | undefined>;
type Call = (method: string, path: string, body?: unknown, headers?: Headers) => Promise<Answer>;

export interface Browser {
  /** What the browser holds, `name=value`; nothing before it signed in. */
  readonly cookie: string;
  /** Asks from one of the console's own pages; `headers` say what is otherwise. */
  ask(method: string, path: string, body?: unknown, headers?: Headers): Promise<Answer>;
}

/** FOREIGN is a site that a browser may have open beside the console. */
export const FOREIGN = "https://evil.example";

/** WITHOUT_KEY takes back what `call` sends otherwise. */
const WITHOUT_KEY = { authorization: undefined };

/** signIn begins a session at admin's `url`, with an admin key or a link's code. */
export async function signIn(
  { url, call }: { readonly url: string; readonly call: Call },
  credential: { readonly key: string } | { readonly code: string },
): Promise<Browser & { readonly answer: Answer }> {
  const answer = await call("POST", "/admin/v1/session", credential, WITHOUT_KEY);
  const [cookie = ""] = (answer.headers.get("set-cookie") ?? "").split(";");
  return { answer, ...browserWith({ url, call }, cookie) };
}

/** browserWith has a cookie already, from another admin process, say. */
export function browserWith({ url, call }: { readonly url: string; readonly call: Call }, cookie: string): Browser {
  return {
    cookie,
    ask: (method, path, body, headers = {}) =>
      call(method, path, body, { ...WITHOUT_KEY, cookie, origin: url, ...headers }),
  };
}
