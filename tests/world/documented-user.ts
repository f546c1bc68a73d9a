/** The Redis user that docs/redis.md tells operators to create: `baton`, with the password `a-long-password`. */
import { readFileSync } from "node:fs";

/** documentedUser gives the arguments of ACL that create the page's user, for another namespace. */
export function documentedUser(namespace: string): readonly string[] {
  const page = readFileSync(new URL("../../docs/redis.md", import.meta.url), "utf8");
  const [command = ""] = /^ACL SETUSER .+$/m.exec(page) ?? [];
  return command.replaceAll("{baton", `{${namespace}`).split(" ").slice(1);
}
