/** CxOneClient: one business unit's signals. */
import type { CxOneCredentials, CxOneTarget, Params, SignalOutcome } from "@baton/domain";
import { AccessKeeper, type Prepared } from "./access-keeper.ts";
import type { Access, AccessPart, AccessStore } from "./access-store.ts";
import { type AllowedHosts, parseAllowedHosts } from "./allowed-hosts.ts";
import { readDetail, redact } from "./detail.ts";
import type { Errand } from "./errand.ts";
import { type AccessSource, fetchAccess, type TokenResult } from "./fetch-access.ts";
import { type CxOneHttp, createCxOneHttp, type Reply } from "./http.ts";
import { createMemoryAccessStore } from "./memory-access-store.ts";
import { readOutcome } from "./outcome.ts";
import { type Probe, probe } from "./probe.ts";
import { checkContactId, writeSignal } from "./signal-request.ts";
import { basicCredentials } from "./token.ts";
import { within } from "./wait.ts";

/** TOKEN_MS is how long fetching access may take, all its requests together; it must end before the store's lease does. */
const TOKEN_MS = 8_000;

export interface CxOneOptions {
  readonly target: CxOneTarget;
  readonly credentials: CxOneCredentials;
  /** CXone's own domains over https unless given. Every URL is checked, configured or discovered. */
  readonly allowedHosts?: AllowedHosts;
  /** One for this process, in memory, unless given. */
  readonly accessStore?: AccessStore;
  /** A pool of its own unless given; share one between the clients of a process. */
  readonly http?: CxOneHttp;
  /** For at-most-once: each signal gets a new connection, so that none meets one which CXone has just dropped. */
  readonly freshConnections?: boolean;
  /** `tokenMs` bounds one fetch of access, discovery included; 8000 unless given, and less than the store's lease. */
  readonly timeouts?: { readonly tokenMs?: number };
  /** Called once for each request to the token endpoint. */
  readonly onTokenRequest?: (result: TokenResult) => void;
}

/** SignalOptions: `timeLimitMs` covers everything, renewal and a second request included; `access` comes from `prepare`. */
export interface SignalOptions {
  readonly timeLimitMs: number;
  readonly access?: Access;
}

/** LATE stands for a wait that the time limit ended. */
const LATE = { kind: "late" } as const;

/**
 * CxOneClient signals the contacts of one business unit. No method throws for what CXone or the network does; `prepare` and
 * `signal` reject when the access store does before anything was sent.
 */
export class CxOneClient {
  readonly #target: CxOneTarget;
  readonly #http: CxOneHttp;
  readonly #allowedHosts: AllowedHosts;
  readonly #fresh: boolean;
  readonly #secrets: readonly string[];
  readonly #keeper: AccessKeeper;
  readonly #source: AccessSource;
  readonly #tokenMs: number;
  #checkedEndpoint: string | undefined;

  constructor(options: CxOneOptions) {
    const { target, credentials } = options;
    this.#tokenMs = options.timeouts?.tokenMs ?? TOKEN_MS;
    this.#target = target;
    this.#http = options.http ?? createCxOneHttp();
    this.#allowedHosts = options.allowedHosts ?? parseAllowedHosts([]);
    this.#fresh = options.freshConnections ?? false;
    this.#secrets = [...Object.values(credentials), basicCredentials(credentials)];
    this.#source = { target, credentials, onTokenRequest: options.onTokenRequest ?? (() => {}) };
    this.#keeper = new AccessKeeper({
      store: options.accessStore ?? createMemoryAccessStore(),
      fetch: (wanted) => fetchAccess(this.#errand(), this.#source, wanted),
      patienceMs: this.#tokenMs,
    });
  }

  /** prepare gives everything a signal needs before it may begin. An aborted `signal` ends this caller's wait: it rejects with the reason. */
  prepare(options: { readonly signal?: AbortSignal } = {}): Promise<Prepared> {
    return this.#keeper.prepare(options.signal);
  }

  /** probe walks the whole way to a signal but the signal, past every cache, and says how far it came: for whoever sets a client up. */
  probe(): Promise<Probe> {
    return probe(this.#errand(), this.#source);
  }

  /**
   * signal sends one request, and where CXone refuses token or address one more with another. Throws a RangeError for a
   * `contactId` that is none. Without `access` it prepares itself; when that fails nothing was sent, so it is `unreachable`,
   * or `unauthorized` when CXone refuses the credentials.
   */
  async signal(contactId: string, params: Params, options: SignalOptions): Promise<SignalOutcome> {
    checkContactId(contactId);
    const endsAt = performance.now() + options.timeLimitMs;
    if (options.access !== undefined) return this.#signalUntil(endsAt, options.access, contactId, params);
    const prepared = await within(this.prepare(), options.timeLimitMs, LATE);
    switch (prepared.kind) {
      case "ready":
        return this.#signalUntil(endsAt, prepared.access, contactId, params);
      case "refused":
        if (prepared.reason === "configuration") return { kind: "unreachable", detail: prepared.detail };
        return { kind: "unauthorized", renewal: "refused", httpStatus: prepared.httpStatus ?? 401, detail: prepared.detail };
      case "waiting":
        return { kind: "unreachable", detail: prepared.detail };
      case "late":
        return { kind: "unreachable", detail: "no token in time" };
    }
  }

  async #signalUntil(endsAt: number, first: Access, contactId: string, params: Params): Promise<SignalOutcome> {
    let access = first;
    const renewed = { token: false, address: false };
    for (;;) {
      const outcome = await this.#send(endsAt, access, contactId, params);
      const part = refusedPart(outcome);
      if (part === undefined || renewed[part] || (part === "address" && this.#target.apiEndpoint !== undefined)) return outcome;
      renewed[part] = true;
      const renewal = await within(this.#keeper.renew(access, part), endsAt - performance.now(), LATE);
      if (renewal.kind === "refused") return outcome;
      if (renewal.kind !== "renewed" || performance.now() >= endsAt) return postponed(outcome);
      access = renewal.access;
    }
  }

  async #send(endsAt: number, access: Access, contactId: string, params: Params): Promise<SignalOutcome> {
    const verdict = this.#checkEndpoint(access.apiEndpoint);
    if (verdict !== undefined) return { kind: "unreachable", detail: verdict };
    const request = writeSignal(this.#target, access, contactId, params);
    const reply = await this.#http.send({ ...request, timeLimitMs: endsAt - performance.now(), fresh: this.#fresh });
    const detailOf = (refusal: Reply) => readDetail(refusal, [...this.#secrets, access.token, ...Object.values(params)]);
    return readOutcome(reply, detailOf, Date.now());
  }

  /** A stored address may be older than the list of allowed hosts; it changes so seldom that one look at each is enough. */
  #checkEndpoint(apiEndpoint: string): string | undefined {
    if (apiEndpoint === this.#checkedEndpoint) return undefined;
    const verdict = this.#allowedHosts.check(apiEndpoint);
    if (!verdict.ok) return redact(verdict.detail, this.#secrets);
    this.#checkedEndpoint = apiEndpoint;
    return undefined;
  }

  #errand(): Errand {
    return {
      http: this.#http,
      allowedHosts: this.#allowedHosts,
      secrets: this.#secrets,
      endsAt: performance.now() + this.#tokenMs,
    };
  }
}

function refusedPart(outcome: SignalOutcome): AccessPart | undefined {
  if (outcome.kind === "unauthorized") return "token";
  return outcome.kind === "redirected" ? "address" : undefined;
}

/** postponed: CXone processed nothing, and whether it would with another token or address, nobody could say in time. */
function postponed(outcome: SignalOutcome): SignalOutcome {
  if (outcome.kind === "unauthorized") return { ...outcome, renewal: "pending" };
  if (outcome.kind !== "redirected") return outcome;
  return { kind: "unreachable", detail: `HTTP ${outcome.httpStatus}, and the API's new address could not be had in time` };
}
