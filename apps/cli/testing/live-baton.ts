/** A Baton that runs, and a connector in it, for tests of commands. */
import { randomBytes } from "node:crypto";
import { startSimulator } from "@baton/simulator";
import { createToken, generateKeyringEntry } from "@baton/vault";
import { inject, onTestFinished } from "vitest";
import { runBaton, startBaton } from "./run-baton.ts";

/** startLiveBaton runs `baton up` with a simulator of CXone; `env` is what reaches it. */
export async function startLiveBaton() {
  const simulator = await startSimulator();
  onTestFinished(() => simulator.close());
  const adminKey = createToken("ba").token;
  const up = startBaton(["up"], {
    env: {
      BATON_REDIS_URL: inject("redisUrl"),
      BATON_NAMESPACE: `t${randomBytes(6).toString("hex")}`,
      BATON_KEYRING: generateKeyringEntry(),
      BATON_ADMIN_KEY: adminKey,
      BATON_ALLOWED_HOSTS: "http://127.0.0.1:*",
      BATON_INGRESS_PORT: "0",
      BATON_ADMIN_PORT: "0",
      BATON_WORKER_PORT: "0",
    },
  });
  const address = async (name: string) => (await up.until(new RegExp(`^${name} +(http://\\S+)`, "m")))[1] ?? "";
  const env = {
    BATON_ADMIN_KEY: adminKey,
    BATON_ADMIN_URL: await address("admin"),
    BATON_INGRESS_URL: await address("ingress"),
  };
  return { simulator, up, env };
}

/** startBatonWithConnector has a connector in it, made by the commands themselves, and its token in `env`. */
export async function startBatonWithConnector() {
  const { env, ...world } = await startLiveBaton();
  const connector = {
    name: "Acme support line",
    accountId: "acme",
    projectId: "support-line",
    cxone: { issuer: world.simulator.url },
    credentials: { clientId: "baton@acme", clientSecret: `\${CXONE_SECRET}`, accessKeyId: "AK", accessKeySecret: "AS" },
  };
  const create = (secret: Readonly<Record<string, string>>) =>
    runBaton(["connectors", "create", "-", "--json"], { env: { ...env, ...secret }, input: JSON.stringify(connector) });
  const created = await create({ CXONE_SECRET: "s3cret" });
  const { id } = JSON.parse(created.stdout);
  const token = await runBaton(["connectors", "token", id], { env });
  return { ...world, env: { ...env, BATON_TOKEN: token.stdout.trim() }, connectorId: id as string, created, create };
}
