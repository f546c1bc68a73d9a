/** A connector binds one project to one CXone business unit: credentials, pseudo numbers, delivery policy. */
import type { Backoff } from "./backoff.ts";

export const GUARANTEES = ["at-least-once", "at-most-once"] as const;
/** Guarantee chooses what follows an answer that cannot be trusted: try again, or never risk a second signal. */
export type Guarantee = (typeof GUARANTEES)[number];

/** PARAM_NAMES are CXone's nine signal parameters. */
export const PARAM_NAMES = ["p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9"] as const;
export type ParamName = (typeof PARAM_NAMES)[number];
/** Params are the parameters of one signal; a name that is absent is not sent. */
export type Params = { readonly [name in ParamName]?: string };

export const PARAMS_IN = ["query", "body", "hybrid"] as const;
/**
 * ParamsIn chooses how parameters travel: NICE documents `query`; its own agent SDK uses `body`; `hybrid` is p1 in the
 * query, the rest in the body.
 */
export type ParamsIn = (typeof PARAMS_IN)[number];

/** Rate is how many attempts a connector may start: `perSecond` in the long run, `burst` at once. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** DeliveryPolicy says how hard and how long Baton tries. */
export interface DeliveryPolicy {
  readonly guarantee: Guarantee;
  /** From the moment a handoff falls due, milliseconds. */
  readonly deadlineMs: number;
  readonly maxAttempts: number;
  readonly attemptTimeoutMs: number;
  readonly backoff: Backoff;
  /** null: no limit, and no promise to the connector's neighbours. */
  readonly rate: Rate | null;
  /**
   * How long CXone's `Retry-After` holds the whole connector at most, milliseconds; then one handoff at a time probes.
   */
  readonly maxHoldMs: number;
  readonly maxParamBytes: number;
  /** Where Baton writes the handoff's id, so that a Studio script can recognise a repeat. */
  readonly handoffIdParam?: ParamName;
}

/** CxOneTarget is where a connector's business unit is reached. */
export interface CxOneTarget {
  readonly issuer: string;
  readonly tenantId?: string;
  /** A fixed API address; absent, it is discovered from the token's tenant. */
  readonly apiEndpoint?: string;
  readonly apiVersion: string;
  readonly paramsIn: ParamsIn;
}

/** CxOneCredentials are NICE's client registration and the client's access key. Sealed wherever they rest. */
export interface CxOneCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
}

/** Connector without its credentials. `version` rises with every change. */
export interface Connector {
  readonly id: string;
  readonly version: number;
  readonly name: string;
  readonly accountId: string;
  readonly projectId: string;
  readonly environment: string;
  readonly businessUnit?: string;
  readonly enabled: boolean;
  readonly paused: boolean;
  /** When the pause ends by itself, epoch milliseconds; absent: not before a resume. */
  readonly pausedUntil?: number;
  readonly pseudoNumbers: readonly string[];
  readonly contactIdHeader: string;
  readonly cxone: CxOneTarget;
  readonly delivery: DeliveryPolicy;
  readonly createdAt: number;
}

/**
 * currentPauseOfConnector gives a connector's pause as it is at `now` (epoch milliseconds): undefined where it is over,
 * or there is none.
 */
export function currentPauseOfConnector(
  { paused, pausedUntil }: Pick<Connector, "paused" | "pausedUntil">,
  now: number,
): { readonly until?: number } | undefined {
  if (!paused || (pausedUntil !== undefined && pausedUntil <= now)) return undefined;
  return pausedUntil === undefined ? {} : { until: pausedUntil };
}

/** normalizePseudoNumberToDigits keeps a number's digits: `+1 (555) 010-0100` and `15550100100` are the same number. */
export function normalizePseudoNumberToDigits(pseudoNumber: string): string {
  return pseudoNumber.replaceAll(/\D/g, "");
}
