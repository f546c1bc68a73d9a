/** Contender: what is measured, ours or the peer, seen from outside. */
import type { RedisServer } from "@baton/chaos/redis-server";

export const KINDS = ["baton", "plain"] as const;
export type Kind = (typeof KINDS)[number];

/** Contender is started, takes handoffs on `port`, and ends when it is closed. */
export interface Contender {
  readonly kind: Kind;
  readonly port: number;
  /** One for each project. */
  readonly tokens: readonly string[];
  readonly redis: RedisServer;
  /** Every process that costs something, Redis among them, by name. */
  readonly pids: Readonly<Record<string, number>>;
  close(): Promise<void>;
}

/** ContenderOptions are the same for both. */
export interface ContenderOptions {
  readonly folder: string;
  readonly simulatorUrl: string;
  readonly projects: number;
}

/** Credentials of project `number`, as the simulator sees them. */
export function credentialsOf(number: number) {
  return { clientId: "app@vendor", clientSecret: "secret", accessKeyId: `AK-${number}`, accessKeySecret: "key-secret" };
}
