/** A connector for tests. */
import { randomBytes } from "node:crypto";
import type { Connector } from "../src/connector.ts";
import { createIdInShard, ID_RANDOM_BYTES } from "../src/id-with-shard.ts";

/** A command deadline that does not come. */
export const FAR_FUTURE = 8_000_000_000_000;

export type DeliveryChange = Partial<Connector["delivery"]>;

/** createConnector gives a connector without a rate limit, unless said. */
export function createConnector(
  delivery: DeliveryChange = {},
  change: Partial<Connector> & { shard?: number } = {},
): Connector {
  const { shard = 0, ...rest } = change;
  const id = createIdInShard("cn", shard, Date.now(), randomBytes(ID_RANDOM_BYTES));
  return {
    id,
    version: 1,
    name: "test",
    accountId: "acme",
    projectId: id,
    environment: "live",
    enabled: true,
    paused: false,
    pseudoNumbers: [],
    contactIdHeader: "X-InContact-ContactId",
    cxone: { issuer: "https://cxone.niceincontact.com", apiVersion: "v30.0", paramsIn: "query" },
    delivery: {
      guarantee: "at-least-once",
      deadlineMs: 60_000,
      maxAttempts: 10,
      attemptTimeoutMs: 3_000,
      backoff: { baseMs: 250, capMs: 10_000 },
      rate: null,
      maxHoldMs: 30_000,
      maxParamBytes: 256,
      ...delivery,
    },
    createdAt: Date.now(),
    ...rest,
  };
}
