/** CxOneClient: one business unit's signals. */
import {
  type CxOneCredentials,
  type CxOneTarget,
  FETCH_TIMEOUT_MS,
  type Params,
  type SignalOutcome,
} from "@baton/domain";
import { type AccessCheck, checkAccess } from "./access-check.ts";
import type { AccessFetchContext, WholeAnswer } from "./access-fetch-requests.ts";
import { type AllowedHosts, parseAllowedHosts } from "./allowed-hosts.ts";
import type { ApiAccess, ApiAccessStore } from "./api-access-store.ts";
import {
  buildContactLookupRequest,
  type CxOneContact,
  createContactLookupError,
  createNoApiAccessError,
  parseContactLookupReply,
  UNKNOWN_CONTACT,
} from "./contact-lookup.ts";
import {
  buildSignalRequest,
  checkContactIdFormat,
  readSignalOutcome,
  refusedAccessPart,
  SIGNAL_TEMPLATE,
} from "./contact-signal.ts";
import { type CxOneHttpClient, createCxOneHttpClient, type HttpRequest } from "./cxone-http-client.ts";
import { type ApiAccessSource, fetchApiAccess, type TokenRequestResult } from "./fetch-api-access.ts";
import type { Reply } from "./http-reply.ts";
import { createMemoryApiAccessStore } from "./memory-api-access-store.ts";
import { awaitWithTimeLimit, rejectWhenAborted } from "./promise-time-limit.ts";
import { readRedactedReplyDetail, redactToOneLine } from "./reply-detail.ts";
import { encodeBasicCredentials } from "./token-request.ts";
import { type PrepareResult, TokenSource } from "./token-source.ts";

export interface CxOneOptions {
  readonly target: CxOneTarget;
  readonly credentials: CxOneCredentials;
  /** CXone's own domains over https unless given. Every URL is checked, configured or discovered. */
  readonly allowedHosts?: AllowedHosts;
  /** One for this process, in memory, unless given. */
  readonly accessStore?: ApiAccessStore;
  /** A pool of its own unless given; share one between the clients of a process. */
  readonly http?: CxOneHttpClient;
  /** For at-most-once: each signal gets a new connection, so that none meets one which CXone has just dropped. */
  readonly freshConnections?: boolean;
  /** `tokenMs` bounds one fetch of access, discovery included; 5000 unless given, and less than the store's lease. */
  readonly timeouts?: { readonly tokenMs?: number };
  /** The statuses that mean "no such contact" to `getContact`: NICE publishes none. 204 and 404 unless given. */
  readonly unknownContact?: readonly number[];
  /** Called once for each request to the token endpoint. */
  readonly onTokenRequest?: (result: TokenRequestResult) => void;
}

/**
 * SignalOptions: `timeLimitMs` covers everything, renewal and a second request included; `access` comes from `prepare`.
 */
export interface SignalOptions {
  readonly timeLimitMs: number;
  readonly access?: ApiAccess;
  /** Called as each request begins, a repeated one too; gives what is called at its end. */
  readonly onRequest?: OnRequest;
}

/** OnRequest begins to follow a request, for traces. It sees no id, parameter or token. */
export type OnRequest = (request: {
  readonly method: "GET" | "POST";
  /** Scheme, host and port. */
  readonly origin: string;
  /** The path, with names in place of the values: `…/interactions/{contactId}/signal`. */
  readonly template: string;
  /** How many requests of the same signal went before it. */
  readonly resends: number;
}) => FollowedRequest;

/** FollowedRequest: `headers` go with the request; `end` is called once. `status`: absent where none came. */
export interface FollowedRequest {
  readonly headers: Readonly<Record<string, string>>;
  end(answer: { readonly status?: number; readonly error: SignalOutcome["kind"] }): void;
}

/** LookupOptions: `timeLimitMs` covers everything, the token included; an aborted `signal` rejects with its reason. */
export interface LookupOptions {
  readonly timeLimitMs: number;
  readonly signal?: AbortSignal;
}

/** ApiExchange is one request to the API, but for access; `secrets` are what its refusal must not repeat. */
interface ApiExchange {
  readonly write: (access: ApiAccess) => Pick<HttpRequest, "method" | "url" | "headers" | "body">;
  /** On performance.now()'s clock, milliseconds. */
  readonly endsAt: number;
  readonly secrets: readonly string[];
  readonly fresh: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly onRequest?: OnRequest | undefined;
}

/** ApiExchangeResult is its outcome, and the answer where there was a whole one. */
interface ApiExchangeResult {
  readonly outcome: SignalOutcome;
  readonly answer?: WholeAnswer;
}

/**
 * MAX_TIMER_MS is the longest delay of a timer, nearly 25 days: a longer time limit, Infinity too, becomes this one.
 */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** LATE stands for a wait that the time limit ended. */
const LATE = { kind: "late" } as const;

/**
 * CxOneClient signals the contacts of one business unit. What CXone and the network do to a signal is its outcome,
 * never an error; `getContact` throws a CxOneError for it. All but `checkAccess` reject when the access store does
 * before anything was sent.
 */
export class CxOneClient {
  readonly #target: CxOneTarget;
  readonly #http: CxOneHttpClient;
  readonly #allowedHosts: AllowedHosts;
  readonly #fresh: boolean;
  readonly #unknownContact: readonly number[];
  readonly #secrets: readonly string[];
  readonly #tokens: TokenSource;
  readonly #source: ApiAccessSource;
  readonly #tokenMs: number;
  #checkedEndpoint: string | undefined;

  constructor(options: CxOneOptions) {
    const { target, credentials } = options;
    this.#tokenMs = options.timeouts?.tokenMs ?? FETCH_TIMEOUT_MS;
    this.#target = target;
    this.#http = options.http ?? createCxOneHttpClient();
    this.#allowedHosts = options.allowedHosts ?? parseAllowedHosts([]);
    this.#fresh = options.freshConnections ?? false;
    this.#unknownContact = options.unknownContact ?? UNKNOWN_CONTACT;
    this.#secrets = [...Object.values(credentials), encodeBasicCredentials(credentials)];
    this.#source = { target, credentials, onTokenRequest: options.onTokenRequest ?? (() => {}) };
    this.#tokens = new TokenSource({
      store: options.accessStore ?? createMemoryApiAccessStore(),
      fetch: (scope) => fetchApiAccess(this.#requestContext(), this.#source, scope),
      renewalTimeoutMs: this.#tokenMs,
    });
  }

  /**
   * prepare gives everything a signal needs before it may begin. An aborted `signal` ends this caller's wait: it
   * rejects with the reason.
   */
  async prepare(options: { readonly signal?: AbortSignal } = {}): Promise<PrepareResult> {
    const prepared = await this.#tokens.prepare(options.signal);
    const detail = prepared.kind === "ready" ? this.#checkEndpoint(prepared.access.apiEndpoint) : undefined;
    return detail === undefined ? prepared : { kind: "refused", reason: "configuration", detail };
  }

  /**
   * checkAccess tries each step on the way to a signal, without the signal and past every cache, and says which one
   * failed: for setting a client up.
   */
  checkAccess(): Promise<AccessCheck> {
    return checkAccess(this.#requestContext(), this.#source);
  }

  /**
   * signal sends one request, and where CXone refuses token or address one more with another. Throws
   * `invalid-contact-id`. Without `access` it prepares itself; when that fails nothing was sent, so it is
   * `unreachable`, or `unauthorized` when CXone refuses the credentials.
   */
  async signal(contactId: string, params: Params, options: SignalOptions): Promise<SignalOutcome> {
    checkContactIdFormat(contactId);
    const timeLimitMs = Math.min(options.timeLimitMs, MAX_TIMER_MS);
    const endsAt = performance.now() + timeLimitMs;
    const given = options.access === undefined ? undefined : ({ kind: "ready", access: options.access } as const);
    const prepared = given ?? (await awaitWithTimeLimit(this.prepare(), timeLimitMs, LATE));
    if (prepared.kind !== "ready") return outcomeWithoutAccess(prepared);
    const { outcome } = await this.#exchange(prepared.access, {
      write: (current) => buildSignalRequest(this.#target, current, contactId, params),
      endsAt,
      secrets: Object.values(params),
      fresh: this.#fresh,
      onRequest: options.onRequest,
    });
    return outcome;
  }

  /**
   * getContact asks what CXone knows of a contact; undefined where it knows none, which it also says of other business
   * units'. A refused token or address is renewed as for a signal. Throws a CxOneError for everything else; asking
   * again does no harm.
   */
  async getContact(contactId: string, options: LookupOptions): Promise<CxOneContact | undefined> {
    checkContactIdFormat(contactId);
    options.signal?.throwIfAborted();
    return rejectWhenAborted(this.#lookUp(contactId, options), options.signal);
  }

  async #lookUp(contactId: string, { signal, ...options }: LookupOptions): Promise<CxOneContact | undefined> {
    const timeLimitMs = Math.min(options.timeLimitMs, MAX_TIMER_MS);
    const endsAt = performance.now() + timeLimitMs;
    const prepared = await awaitWithTimeLimit(this.prepare(), timeLimitMs, LATE);
    if (prepared.kind !== "ready") throw createNoApiAccessError(prepared);
    const { outcome, answer } = await this.#exchange(prepared.access, {
      write: (access) => buildContactLookupRequest(this.#target, access, contactId),
      endsAt,
      secrets: [],
      fresh: false,
      signal,
    });
    if (answer !== undefined && this.#unknownContact.includes(answer.status)) return undefined;
    if (outcome.kind !== "accepted" || answer === undefined) throw createContactLookupError(outcome);
    return parseContactLookupReply(contactId, answer);
  }

  async #exchange(first: ApiAccess, exchange: ApiExchange): Promise<ApiExchangeResult> {
    let access = first;
    const renewed = { token: false, address: false };
    for (let resends = 0; ; resends += 1) {
      const exchanged = await this.#send(access, exchange, resends);
      const part = refusedAccessPart(exchanged.outcome, this.#target);
      if (part === undefined || renewed[part]) return exchanged;
      renewed[part] = true;
      const leftMs = exchange.endsAt - performance.now();
      const renewal = await awaitWithTimeLimit(this.#tokens.renew(access, part), leftMs, LATE);
      if (renewal.kind === "refused") {
        const { outcome } = exchanged;
        // The API says of a token no more than that it is no good; the token endpoint says why there is no other.
        return outcome.kind === "unauthorized" && renewal.reason === "credentials"
          ? { outcome: { ...outcome, detail: renewal.detail } }
          : exchanged;
      }
      if (renewal.kind !== "renewed" || performance.now() >= exchange.endsAt)
        return { outcome: outcomeWithoutRenewal(exchanged.outcome) };
      access = renewal.access;
    }
  }

  async #send(access: ApiAccess, exchange: ApiExchange, resends: number): Promise<ApiExchangeResult> {
    const { write, endsAt, fresh, secrets, signal, onRequest } = exchange;
    const verdict = this.#checkEndpoint(access.apiEndpoint);
    if (verdict !== undefined) return { outcome: { kind: "unreachable", detail: verdict } };
    const request = write(access);
    const followed = onRequest?.({
      method: request.method,
      origin: new URL(request.url).origin,
      template: SIGNAL_TEMPLATE,
      resends,
    });
    const headers = followed === undefined ? request.headers : { ...request.headers, ...followed.headers };
    const timeLimitMs = endsAt - performance.now();
    const reply = await this.#http.send({ ...request, headers, timeLimitMs, fresh, signal });
    const detailOf = (refusal: Reply) => readRedactedReplyDetail(refusal, [...this.#secrets, access.token, ...secrets]);
    const outcome = readSignalOutcome(reply, detailOf, Date.now());
    followed?.end({ error: outcome.kind, ...("httpStatus" in outcome ? { status: outcome.httpStatus } : {}) });
    return reply.kind === "answered" ? { outcome, answer: reply } : { outcome };
  }

  /**
   * A stored address may be older than the list of allowed hosts; it changes so seldom that one look at each is enough.
   */
  #checkEndpoint(apiEndpoint: string): string | undefined {
    if (apiEndpoint === this.#checkedEndpoint) return undefined;
    const verdict = this.#allowedHosts.check(apiEndpoint);
    if (!verdict.ok) return redactToOneLine(verdict.detail, this.#secrets);
    this.#checkedEndpoint = apiEndpoint;
    return undefined;
  }

  #requestContext(): AccessFetchContext {
    return {
      http: this.#http,
      allowedHosts: this.#allowedHosts,
      secrets: this.#secrets,
      endsAt: performance.now() + this.#tokenMs,
    };
  }
}

/** outcomeWithoutAccess: without access nothing was sent. */
function outcomeWithoutAccess(prepared: Exclude<PrepareResult, { kind: "ready" }> | typeof LATE): SignalOutcome {
  switch (prepared.kind) {
    case "refused":
      if (prepared.reason === "configuration") return { kind: "unreachable", detail: prepared.detail };
      return {
        kind: "unauthorized",
        renewal: "refused",
        httpStatus: prepared.httpStatus ?? 401,
        detail: prepared.detail,
      };
    case "waiting":
      return { kind: "unreachable", detail: prepared.detail };
    case "late":
      return { kind: "unreachable", detail: "no token in time" };
  }
}

/** outcomeWithoutRenewal is the outcome where CXone processed nothing, and no other token or address came in time. */
function outcomeWithoutRenewal(outcome: SignalOutcome): SignalOutcome {
  if (outcome.kind === "unauthorized") return { ...outcome, renewal: "pending" };
  if (outcome.kind !== "redirected") return outcome;
  return {
    kind: "unreachable",
    detail: `HTTP ${outcome.httpStatus}, and the API's new address could not be had in time`,
  };
}
