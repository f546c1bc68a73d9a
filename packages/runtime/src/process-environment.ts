/** The variables that ingress, worker and admin read alike. */
import { list, parsedBy, variables } from "./variable.ts";

/** ProcessParsers read the variables whose form other packages know; what they throw is reported as the fault. */
export interface ProcessParsers<Redis, Keyring, Hosts> {
  readonly parseRedisUrl: (url: string) => Redis;
  readonly parseKeyring: (keyring: string) => Keyring;
  readonly parseAllowedHosts: (hosts: readonly string[]) => Hosts;
}

/**
 * processVariables is every variable, with those required and read that each of the three processes needs. Ingress and
 * admin check the allowed hosts too, so that a fault in them shows wherever a process is started first.
 */
export function processVariables<Redis, Keyring, Hosts>(parsers: ProcessParsers<Redis, Keyring, Hosts>) {
  const { parseRedisUrl, parseKeyring, parseAllowedHosts } = parsers;
  return {
    ...variables,
    BATON_REDIS_URL: parsedBy(parseRedisUrl).describe("the address of Redis, such as redis://127.0.0.1:6379"),
    BATON_KEYRING: parsedBy(parseKeyring).describe("`baton keygen` prints one"),
    BATON_ALLOWED_HOSTS: parsedBy((value) => parseAllowedHosts(list.parse(value))).prefault(""),
  };
}
