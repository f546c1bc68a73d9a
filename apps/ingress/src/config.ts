/** Ingress's configuration, from the environment. */
import { type Environment, readBy, readEnvironment, variables } from "@baton/runtime";
import { parseRedisUrl } from "@baton/store";
import { parseKeyring } from "@baton/vault";

const schema = {
  ...variables,
  BATON_REDIS_URL: readBy(parseRedisUrl).describe("the address of Redis, such as redis://127.0.0.1:6379"),
  BATON_KEYRING: readBy(parseKeyring).describe("`baton keygen` prints one"),
};

/** IngressConfig is every variable of contract.md §7, read. */
export type IngressConfig = Environment<typeof schema>;

/** readIngressConfig throws a ConfigurationFault that lists everything wrong. */
export function readIngressConfig(env: NodeJS.ProcessEnv = process.env): IngressConfig {
  return readEnvironment(schema, env);
}
