/** Ingress's configuration, from the environment. */
import { parseAllowedHosts } from "@baton/cxone";
import { parseRedisUrl } from "@baton/redis/connection";
import { type Environment, list, readBy, readEnvironment, variables } from "@baton/runtime";
import { parseKeyring } from "@baton/vault";

const schema = {
  ...variables,
  BATON_REDIS_URL: readBy(parseRedisUrl).describe("the address of Redis, such as redis://127.0.0.1:6379"),
  BATON_KEYRING: readBy(parseKeyring).describe("`baton keygen` prints one"),
  // Nothing is sent from here, but a fault shows wherever it is started first.
  BATON_ALLOWED_HOSTS: readBy((value) => parseAllowedHosts(list.parse(value))).default(parseAllowedHosts([])),
};

/** IngressConfig is every variable of the table in docs/configuration.md, read. */
export type IngressConfig = Environment<typeof schema>;

/** readIngressConfig throws a ConfigurationFault that lists everything wrong. */
export function readIngressConfig(env: NodeJS.ProcessEnv = process.env): IngressConfig {
  return readEnvironment(schema, env);
}
