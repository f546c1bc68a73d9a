/** Faults: what goes wrong, where, for whom and how often. */
import { z } from "zod";

/**
 * FAULT_POINTS: the signal, the token endpoint, both discovery documents, and the rest of the API (`/server-time`,
 * `/contacts`). Requests to openid-configuration name no client, so only faults without a scope meet them.
 */
export const FAULT_POINTS = ["signal", "token", "discovery", "api"] as const;
export type FaultPoint = (typeof FAULT_POINTS)[number];

// A header value that Node would refuse to send must be refused here, by name.
const headerValue = z
  .string()
  .max(2_000)
  .regex(/^[\t\x20-\x7e\x80-\xff]*$/, "a header value: Latin-1 without control characters");

/** faultSchema is what may go wrong with one request. */
export const faultSchema = z.strictObject({
  /** Answered instead of the usual status. Default: what the other members imply; see `httpStatusOfFault`. */
  status: z.int().min(200).max(599).optional(),
  /** The `Retry-After` header: seconds, or an HTTP date as text. */
  retryAfter: z.union([z.int(), headerValue]).optional(),
  /** Text is sent as it is; anything else as JSON. Default: an error of the usual shape. */
  body: z.json().optional(),
  contentType: headerValue.optional(),
  /** The answer comes this much later; a signal still takes effect on arrival. */
  delayMs: z.int().min(0).max(600_000).optional(),
  /**
   * The connection is reset `before` the signal takes effect or `after` it did, or closed `during` the answer, with a
   * part still missing.
   */
  reset: z.enum(["before", "after", "during"]).optional(),
  /** The `Location` of a redirect. */
  redirectTo: headerValue.optional(),
  /** The header in which some of CXone's operations put their text; the body is empty unless given. */
  icStatusDescription: headerValue.optional(),
  /** The error's text repeats every parameter, as sent and decoded. */
  echoParams: z.boolean().optional(),
  /** No answer ever comes; the connection stays open. */
  hang: z.boolean().optional(),
  /**
   * Whether the signal reaches its contact nevertheless. Default: as the answer suggests; see
   * `doesFaultLetSignalThrough`.
   */
  effect: z.boolean().optional(),
});
/** FAULT_MEMBERS is everything that a fault may say. */
export const FAULT_MEMBERS: readonly string[] = Object.keys(faultSchema.shape);
/** Fault is what happens to a request. Every member is optional; an empty one changes nothing. */
export type Fault = z.infer<typeof faultSchema>;

/** faultRuleSchema is a fault with whom it meets, where and how often. */
export const faultRuleSchema = z.strictObject({
  scope: z
    .strictObject({
      contactId: z.string().min(1).optional(),
      accessKeyId: z.string().min(1).optional(),
      all: z.literal(true).optional(),
    })
    .default({}),
  on: z.enum(FAULT_POINTS).default("signal"),
  /** For how many requests; absent: until it is withdrawn. */
  times: z.int().min(1).optional(),
  fault: faultSchema,
});
/** FaultRule is a fault with its scope. An empty scope, and `all`, mean every request. */
export type FaultRule = z.infer<typeof faultRuleSchema>;

/** ScopedFault is the same in one piece, for tests: `answer({ status: 503, times: 1 })`. */
export type ScopedFault = Fault & {
  readonly on?: FaultPoint | undefined;
  readonly times?: number | undefined;
  readonly contactId?: string | undefined;
  readonly accessKeyId?: string | undefined;
};

/** StandingFault is a rule that still applies. `left` is absent when it has no end. */
export interface StandingFault {
  readonly id: string;
  readonly on: FaultPoint;
  readonly contactId?: string;
  readonly accessKeyId?: string;
  readonly fault: Fault;
  readonly used: number;
  readonly left?: number;
}

/** FaultStore keeps the faults that stand. Of those that match a request the oldest is used. */
export interface FaultStore {
  add(fault: ScopedFault): string;
  /** The fault that meets this request, if any; one of its times is used up. */
  take(
    on: FaultPoint,
    request: { readonly contactId?: string | undefined; readonly accessKeyId?: string | undefined },
  ): TakenFault | undefined;
  withdraw(id: string): boolean;
  /** Withdraws all and says how many there were. */
  clear(): number;
  list(): readonly StandingFault[];
}

/** TakenFault is the fault that meets a request, with its id. */
export interface TakenFault extends Fault {
  readonly id: string;
}

interface Rule {
  readonly order: number;
  readonly id: string;
  readonly on: FaultPoint;
  readonly contactId: string | undefined;
  readonly accessKeyId: string | undefined;
  readonly taken: TakenFault;
  used: number;
  left: number;
}

/**
 * createFaultStore starts without faults. A request looks at four short lists, however many contacts have faults of
 * their own.
 */
export function createFaultStore(): FaultStore {
  const rules = new Map<string, Rule>();
  const rulesByScope = new Map<string, Rule[]>();
  let created = 0;

  function remove(rule: Rule): void {
    rules.delete(rule.id);
    const key = scopeKey(rule.on, rule.contactId, rule.accessKeyId);
    const rest = (rulesByScope.get(key) ?? []).filter((other) => other !== rule);
    if (rest.length === 0) rulesByScope.delete(key);
    else rulesByScope.set(key, rest);
  }

  return {
    add({ on = "signal", times, contactId, accessKeyId, ...fault }) {
      const order = ++created;
      const id = `fault-${order}`;
      const rule: Rule = {
        order,
        id,
        on,
        contactId,
        accessKeyId,
        taken: { ...fault, id },
        used: 0,
        left: times ?? Number.POSITIVE_INFINITY,
      };
      rules.set(id, rule);
      const key = scopeKey(on, contactId, accessKeyId);
      rulesByScope.set(key, [...(rulesByScope.get(key) ?? []), rule]);
      return id;
    },
    take(on, { contactId, accessKeyId }) {
      if (rules.size === 0) return undefined;
      const candidates = [
        contactId === undefined ? undefined : rulesByScope.get(scopeKey(on, contactId, undefined)),
        accessKeyId === undefined ? undefined : rulesByScope.get(scopeKey(on, undefined, accessKeyId)),
        contactId === undefined || accessKeyId === undefined
          ? undefined
          : rulesByScope.get(scopeKey(on, contactId, accessKeyId)),
        rulesByScope.get(scopeKey(on, undefined, undefined)),
      ].flatMap((rules) => rules?.[0] ?? []);
      if (candidates.length === 0) return undefined;
      const rule = candidates.reduce((oldest, other) => (other.order < oldest.order ? other : oldest));
      rule.used++;
      rule.left--;
      if (rule.left === 0) remove(rule);
      return rule.taken;
    },
    withdraw(id) {
      const rule = rules.get(id);
      if (rule !== undefined) remove(rule);
      return rule !== undefined;
    },
    clear() {
      const count = rules.size;
      rules.clear();
      rulesByScope.clear();
      return count;
    },
    list: () => [...rules.values()].map(toStandingFault),
  };
}

/**
 * doesFaultLetSignalThrough says whether a signal that meets `fault` still reaches its contact, where it would have
 * without it. What was cut off `before`, left hanging, or answered with anything but 2xx did not, unless the fault says
 * otherwise.
 */
export function doesFaultLetSignalThrough(fault: Fault | undefined): boolean {
  if (fault === undefined) return true;
  if (fault.effect !== undefined) return fault.effect;
  if (fault.reset !== undefined) return fault.reset !== "before";
  if (fault.hang === true) return false;
  const status = httpStatusOfFault(fault);
  return status === undefined || status < 300;
}

/** httpStatusOfFault is the status that a fault answers with; undefined where it leaves the usual one. */
export function httpStatusOfFault(fault: Fault): number | undefined {
  if (fault.status !== undefined) return fault.status;
  if (fault.redirectTo !== undefined) return 302;
  if (fault.retryAfter !== undefined) return 429;
  if (fault.icStatusDescription !== undefined) return 404;
  return fault.echoParams === true ? 400 : undefined;
}

function scopeKey(on: FaultPoint, contactId: string | undefined, accessKeyId: string | undefined): string {
  return JSON.stringify([on, contactId, accessKeyId]);
}

function toStandingFault({ id, on, contactId, accessKeyId, taken, used, left }: Rule): StandingFault {
  const { id: _id, ...fault } = taken;
  return {
    id,
    on,
    ...(contactId === undefined ? {} : { contactId }),
    ...(accessKeyId === undefined ? {} : { accessKeyId }),
    fault,
    used,
    ...(Number.isFinite(left) ? { left } : {}),
  };
}
