/** A typed client of both HTTP APIs, on fetch: for the CLI, the demo, tests, and anyone with TypeScript. */
import type { RunKind } from "@baton/domain";
import { z } from "zod";
import {
  type AdminKeyJson,
  type adminKeyBodySchema,
  adminKeyListSchema,
  type adminKeySearchSchema,
  type CreatedAdminKey,
  createdAdminKeySchema,
} from "./admin-key.ts";
import { type AuditEntryJson, auditListSchema, type auditSearchSchema } from "./audit.ts";
import { type CallBody, type CallJson, callSchema } from "./call.ts";
import { type ConnectorJson, connectorListSchema, connectorSchema, type connectorSearchSchema } from "./connector.ts";
import type { ConnectorBody } from "./connector-input.ts";
import { type ConnectorChanges, type ConnectorPatch, connectorChangesSchema } from "./connector-patch.ts";
import {
  type CreatedToken,
  createdTokenSchema,
  type TokenBody,
  type TokenJson,
  tokenListSchema,
  type tokenSearchSchema,
} from "./connector-token.ts";
import { type Verification, type VerifyBody, verificationSchema } from "./connector-verification.ts";
import {
  type CauseJson,
  type CausePatch,
  causeListSchema,
  causeSchema,
  type causeSearchSchema,
  type DeadLetterList,
  type DiscardBody,
  deadLetterListSchema,
  type deadLetterSearchSchema,
  type replayBodySchema,
} from "./dead-letter.ts";
import { type ExplainBody, type Explanation, explanationSchema } from "./explanation.ts";
import {
  type BatchResult,
  batchAnswerSchema,
  type HandoffJson,
  handoffListSchema,
  handoffSchema,
  type handoffSearchSchema,
  type ownHandoffSearchSchema,
} from "./handoff.ts";
import type { BatchItem, HandoffBody } from "./handoff-body.ts";
import { formatWait } from "./headers.ts";
import type { Page } from "./list.ts";
import {
  type Overview,
  overviewSchema,
  type PauseBody,
  type Paused,
  pausedSchema,
  type ResumeBody,
} from "./overview.ts";
import { problemErrorFrom } from "./problem.ts";
import {
  type PlanJson,
  planSchema,
  type RunItemJson,
  type RunJson,
  runItemListSchema,
  type runItemSearchSchema,
  runListSchema,
  runSchema,
  type runSearchSchema,
} from "./run.ts";
import type { RunNote, runBodySchema, runPatchSchema } from "./run-body.ts";

import { type SeriesAnswer, seriesSchema, type seriesSearchSchema } from "./series.ts";
import { signInCodeSchema, signInLink } from "./session.ts";

/** ClientOptions say where Baton is and who asks. */
export interface ClientOptions {
  /** Default: `http://127.0.0.1:8080`. A path in it is kept, for a Baton behind a gateway. */
  readonly ingressUrl?: string;
  /** Default: `http://127.0.0.1:8081`. */
  readonly adminUrl?: string;
  /** A connector token, `bt_…`; the ingress calls need it. */
  readonly token?: string;
  /** An admin key, `ba_…`; the admin calls need it. */
  readonly adminKey?: string;
  /** Longest time without an answer, milliseconds, on top of `waitMs`. Default: 15000. */
  readonly timeoutMs?: number;
}

/** WaitOptions: `waitMs` (1000 to 30000, rounded up to seconds) asks for the answer once the handoff ended. */
export interface WaitOptions {
  readonly waitMs?: number;
}

/** SendOptions: the key makes a repeat safe. */
export interface SendOptions extends WaitOptions {
  readonly idempotencyKey?: string;
}

/**
 * BatonClient calls Baton. Every method throws ProblemError when Baton refuses, and a plain Error with its
 * cause when Baton cannot be reached, gives no answer in time, or answers what this client does not know.
 */
export interface BatonClient {
  send(handoff: HandoffBody, options?: SendOptions): Promise<HandoffJson>;
  /** One result per item, in order; one that was refused does not throw. */
  sendBatch(handoffs: readonly BatchItem[]): Promise<readonly BatchResult[]>;
  get(id: string, options?: WaitOptions): Promise<HandoffJson>;
  cancel(id: string): Promise<HandoffJson>;
  /** Like `handoffs`, with the connector's token: its own. */
  list(search?: z.input<typeof ownHandoffSearchSchema>): Promise<Page<HandoffJson>>;
  registerCall(call: CallBody): Promise<CallJson>;
  call(id: string): Promise<CallJson>;
  overview(): Promise<Overview>;
  handoffs(search?: z.input<typeof handoffSearchSchema>): Promise<Page<HandoffJson>>;
  /** Like `get`, with the admin key: any connector's. */
  handoff(id: string): Promise<HandoffJson>;
  /** Like `cancel`, with the admin key: any connector's. */
  cancelHandoff(id: string): Promise<HandoffJson>;
  deadLetters(search?: z.input<typeof deadLetterSearchSchema>): Promise<DeadLetterList>;
  causes(search?: z.input<typeof causeSearchSchema>): Promise<Page<CauseJson>>;
  /** The operators' hand-over: what is made of a cause, for whoever is on call next. */
  patchCause(cause: string, patch: CausePatch): Promise<CauseJson>;
  replay(id: string, body?: z.input<typeof replayBodySchema>): Promise<HandoffJson>;
  discard(id: string, body?: DiscardBody): Promise<HandoffJson>;
  /** What a run would take; nothing is replayed or discarded. */
  planRun(kind: RunKind, body: z.input<typeof runBodySchema>): Promise<PlanJson>;
  /** Starts a plan, or a filter that is planned first. The key makes a repeat safe. */
  startRun(
    kind: RunKind,
    body: z.input<typeof runBodySchema>,
    options?: Pick<SendOptions, "idempotencyKey">,
  ): Promise<RunJson>;
  runs(kind: RunKind, search?: z.input<typeof runSearchSchema>): Promise<Page<RunJson>>;
  run(kind: RunKind, id: string): Promise<RunJson>;
  runItems(kind: RunKind, id: string, search?: z.input<typeof runItemSearchSchema>): Promise<Page<RunItemJson>>;
  changeRun(kind: RunKind, id: string, change: z.input<typeof runPatchSchema>): Promise<RunJson>;
  pauseRun(kind: RunKind, id: string, body?: RunNote): Promise<RunJson>;
  resumeRun(kind: RunKind, id: string, body?: RunNote): Promise<RunJson>;
  cancelRun(kind: RunKind, id: string, body?: RunNote): Promise<RunJson>;
  createConnector(connector: ConnectorBody): Promise<ConnectorJson>;
  /** What `createConnector` would make; project and numbers may be taken all the same. */
  previewConnector(connector: ConnectorBody): Promise<ConnectorChanges>;
  connectors(search?: z.input<typeof connectorSearchSchema>): Promise<Page<ConnectorJson>>;
  connector(id: string): Promise<ConnectorJson>;
  /** Replaces the fields given; null removes an optional one. */
  patchConnector(id: string, patch: ConnectorPatch): Promise<ConnectorJson>;
  /** What `patchConnector` would change, credentials among it; nothing is. */
  previewPatch(id: string, patch: ConnectorPatch): Promise<ConnectorChanges>;
  deleteConnector(id: string): Promise<void>;
  pauseConnector(id: string, body?: PauseBody): Promise<ConnectorJson>;
  resumeConnector(id: string, body?: ResumeBody): Promise<ConnectorJson>;
  /** Walks the way to CXone; with a contact id, sends one real test signal. */
  verifyConnector(id: string, body?: VerifyBody): Promise<Verification>;
  /** What happened minute by minute, with marks where somebody changed something. */
  series(search?: z.input<typeof seriesSearchSchema>): Promise<SeriesAnswer>;
  /** What Baton would do about an answer of CXone's; sends nothing. */
  explain(body: ExplainBody): Promise<Explanation>;
  /** Stops everything. */
  pause(body?: PauseBody): Promise<Paused>;
  resume(body?: ResumeBody): Promise<Paused>;
  createToken(connectorId: string, body?: TokenBody): Promise<CreatedToken>;
  tokens(connectorId: string, search?: z.input<typeof tokenSearchSchema>): Promise<Page<TokenJson>>;
  revokeToken(connectorId: string, tokenId: string): Promise<void>;
  createScreenPopKey(connectorId: string, body?: TokenBody): Promise<CreatedToken>;
  screenPopKeys(connectorId: string, search?: z.input<typeof tokenSearchSchema>): Promise<Page<TokenJson>>;
  revokeScreenPopKey(connectorId: string, keyId: string): Promise<void>;
  createAdminKey(body: z.input<typeof adminKeyBodySchema>): Promise<CreatedAdminKey>;
  adminKeys(search?: z.input<typeof adminKeySearchSchema>): Promise<Page<AdminKeyJson>>;
  revokeAdminKey(id: string): Promise<void>;
  /** An address that signs whoever opens it in to the console: once, within 10 min, with this admin key's role. */
  createSignInLink(): Promise<string>;
  audit(search?: z.input<typeof auditSearchSchema>): Promise<Page<AuditEntryJson>>;
}

/** DEFAULT_TIMEOUT_MS: Baton itself answers 503 within a second; the rest is for the network. */
const DEFAULT_TIMEOUT_MS = 15_000;
/** MAX_VERIFY_MS: discovery and token take 8 s at most, a test signal an attempt's 30. */
const MAX_VERIFY_MS = 38_000;

/** MAX_PLAN_MS: a million dead letters are looked through and counted. */
const MAX_PLAN_MS = 120_000;

/** createBatonClient makes a client; it holds nothing open and needs no closing. */
export function createBatonClient(options: ClientOptions = {}): BatonClient {
  const {
    ingressUrl = "http://127.0.0.1:8080",
    adminUrl = "http://127.0.0.1:8081",
    timeoutMs = DEFAULT_TIMEOUT_MS,
  } = options;
  const ingress = createCaller({ baseUrl: ingressUrl, secret: options.token, secretName: "token", timeoutMs });
  const admin = createCaller({ baseUrl: adminUrl, secret: options.adminKey, secretName: "adminKey", timeoutMs });
  return {
    ...ingressCalls(ingress),
    ...adminCalls(admin),
    async createSignInLink() {
      const { code } = await admin(signInCodeSchema, { method: "POST", path: "admin/v1/session/links" });
      return signInLink(adminUrl, code);
    },
  };
}

type IngressCalls = "send" | "sendBatch" | "get" | "cancel" | "list" | "registerCall" | "call";

function ingressCalls(call: Caller): Pick<BatonClient, IngressCalls> {
  return {
    send: (body, { idempotencyKey, waitMs } = {}) =>
      call(handoffSchema, { method: "POST", path: "v1/handoffs", body, idempotencyKey, waitMs }),
    sendBatch: async (handoffs) =>
      (await call(batchAnswerSchema, { method: "POST", path: "v1/handoffs/batch", body: { handoffs } })).results,
    get: (id, { waitMs } = {}) =>
      call(handoffSchema, { method: "GET", path: `v1/handoffs/${encodeURIComponent(id)}`, waitMs }),
    list: (query = {}) => call(handoffListSchema, { method: "GET", path: "v1/handoffs", query }),
    cancel: (id) => call(handoffSchema, { method: "POST", path: `v1/handoffs/${encodeURIComponent(id)}/cancel` }),
    registerCall: (body) => call(callSchema, { method: "POST", path: "v1/calls", body }),
    call: (id) => call(callSchema, { method: "GET", path: `v1/calls/${encodeURIComponent(id)}` }),
  };
}

function adminCalls(call: Caller): Omit<BatonClient, IngressCalls | "createSignInLink"> {
  const deadLetterPath = (id: string) => `admin/v1/dead-letters/${encodeURIComponent(id)}`;
  const connector = (id: string) => `admin/v1/connectors/${encodeURIComponent(id)}`;
  return {
    overview: () => call(overviewSchema, { method: "GET", path: "admin/v1/overview" }),
    handoffs: (query = {}) => call(handoffListSchema, { method: "GET", path: "admin/v1/handoffs", query }),
    handoff: (id) => call(handoffSchema, { method: "GET", path: `admin/v1/handoffs/${encodeURIComponent(id)}` }),
    cancelHandoff: (id) =>
      call(handoffSchema, { method: "POST", path: `admin/v1/handoffs/${encodeURIComponent(id)}/cancel` }),
    deadLetters: (query = {}) => call(deadLetterListSchema, { method: "GET", path: "admin/v1/dead-letters", query }),
    causes: (query = {}) => call(causeListSchema, { method: "GET", path: "admin/v1/dead-letters/causes", query }),
    patchCause: (cause, body) =>
      call(causeSchema, { method: "PATCH", path: `admin/v1/dead-letters/causes/${encodeURIComponent(cause)}`, body }),
    replay: (id, body = {}) => call(handoffSchema, { method: "POST", path: `${deadLetterPath(id)}/replay`, body }),
    discard: (id, body = {}) => call(handoffSchema, { method: "POST", path: `${deadLetterPath(id)}/discard`, body }),
    createConnector: (body) => call(connectorSchema, { method: "POST", path: "admin/v1/connectors", body }),
    previewConnector: (body) =>
      call(connectorChangesSchema, { method: "POST", path: "admin/v1/connectors", query: DRY_RUN, body }),
    connectors: (query = {}) => call(connectorListSchema, { method: "GET", path: "admin/v1/connectors", query }),
    connector: (id) => call(connectorSchema, { method: "GET", path: connector(id) }),
    patchConnector: (id, body) => call(connectorSchema, { method: "PATCH", path: connector(id), body }),
    previewPatch: (id, body) =>
      call(connectorChangesSchema, { method: "PATCH", path: connector(id), query: DRY_RUN, body }),
    deleteConnector: (id) => call(nothing, { method: "DELETE", path: connector(id) }),
    pauseConnector: (id, body = {}) => call(connectorSchema, { method: "POST", path: `${connector(id)}/pause`, body }),
    resumeConnector: (id, body = {}) =>
      call(connectorSchema, { method: "POST", path: `${connector(id)}/resume`, body }),
    // Its steps have time limits of their own, together longer than another call may take.
    verifyConnector: (id, body = {}) =>
      call(verificationSchema, { method: "POST", path: `${connector(id)}/verify`, body, extraMs: MAX_VERIFY_MS }),
    series: (query = {}) => call(seriesSchema, { method: "GET", path: "admin/v1/series", query }),
    explain: (body) => call(explanationSchema, { method: "POST", path: "admin/v1/explain", body }),
    pause: (body = {}) => call(pausedSchema, { method: "POST", path: "admin/v1/pause", body }),
    resume: (body = {}) => call(pausedSchema, { method: "POST", path: "admin/v1/resume", body }),
    createAdminKey: (body) => call(createdAdminKeySchema, { method: "POST", path: "admin/v1/keys", body }),
    adminKeys: (query = {}) => call(adminKeyListSchema, { method: "GET", path: "admin/v1/keys", query }),
    revokeAdminKey: (id) => call(nothing, { method: "DELETE", path: `admin/v1/keys/${encodeURIComponent(id)}` }),
    audit: (query = {}) => call(auditListSchema, { method: "GET", path: "admin/v1/audit", query }),
    ...tokenCalls(call, connector),
    ...runCalls(call),
  };
}

type RunCalls =
  | "planRun"
  | "startRun"
  | "runs"
  | "run"
  | "runItems"
  | "changeRun"
  | "pauseRun"
  | "resumeRun"
  | "cancelRun";

function runCalls(call: Caller): Pick<BatonClient, RunCalls> {
  const all = (kind: RunKind) => `admin/v1/${kind}s`;
  const one = (kind: RunKind, id: string) => `${all(kind)}/${encodeURIComponent(id)}`;
  const steer =
    (verb: string) =>
    (kind: RunKind, id: string, body: RunNote = {}) =>
      call(runSchema, { method: "POST", path: `${one(kind, id)}/${verb}`, body });
  return {
    planRun: (kind, body) =>
      call(planSchema, { method: "POST", path: all(kind), body: { ...body, dryRun: true }, extraMs: MAX_PLAN_MS }),
    startRun: (kind, body, { idempotencyKey } = {}) =>
      call(runSchema, { method: "POST", path: all(kind), body, idempotencyKey, extraMs: MAX_PLAN_MS }),
    runs: (kind, query = {}) => call(runListSchema, { method: "GET", path: all(kind), query }),
    run: (kind, id) => call(runSchema, { method: "GET", path: one(kind, id) }),
    runItems: (kind, id, query = {}) =>
      call(runItemListSchema, { method: "GET", path: `${one(kind, id)}/items`, query }),
    changeRun: (kind, id, body) => call(runSchema, { method: "PATCH", path: one(kind, id), body }),
    pauseRun: steer("pause"),
    resumeRun: steer("resume"),
    cancelRun: steer("cancel"),
  };
}

type TokenCalls =
  | "createToken"
  | "tokens"
  | "revokeToken"
  | "createScreenPopKey"
  | "screenPopKeys"
  | "revokeScreenPopKey";

function tokenCalls(call: Caller, connector: (id: string) => string): Pick<BatonClient, TokenCalls> {
  const create = (path: string, body: TokenBody) => call(createdTokenSchema, { method: "POST", path, body });
  const list = (path: string, query: z.input<typeof tokenSearchSchema>) =>
    call(tokenListSchema, { method: "GET", path, query });
  const revoke = (path: string, id: string) =>
    call(nothing, { method: "DELETE", path: `${path}/${encodeURIComponent(id)}` });
  return {
    createToken: (id, body = {}) => create(`${connector(id)}/tokens`, body),
    tokens: (id, query = {}) => list(`${connector(id)}/tokens`, query),
    revokeToken: (id, tokenId) => revoke(`${connector(id)}/tokens`, tokenId),
    createScreenPopKey: (id, body = {}) => create(`${connector(id)}/screen-pop-keys`, body),
    screenPopKeys: (id, query = {}) => list(`${connector(id)}/screen-pop-keys`, query),
    revokeScreenPopKey: (id, keyId) => revoke(`${connector(id)}/screen-pop-keys`, keyId),
  };
}

const DRY_RUN = { dryRun: "true" } as const;

/** nothing is the answer to what was done and left nothing to show. */
const nothing = z.undefined();

interface Target {
  readonly baseUrl: string;
  readonly secret: string | undefined;
  readonly secretName: keyof ClientOptions;
  readonly timeoutMs: number;
}

interface Call {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | readonly string[] | undefined>>;
  readonly body?: unknown;
  readonly idempotencyKey?: string | undefined;
  readonly waitMs?: number | undefined;
  /** How much longer than usual the answer may take. */
  readonly extraMs?: number;
}

type Caller = <S extends z.ZodType>(answer: S, call: Call) => Promise<z.output<S>>;

function createCaller(target: Target): Caller {
  return async (answer, call) => {
    if (target.secret === undefined) throw new Error(`this call needs the client's option \`${target.secretName}\``);
    const url = urlOf(target.baseUrl, call);
    const response = await request(url, call, {
      secret: target.secret,
      timeoutMs: target.timeoutMs + (call.waitMs ?? call.extraMs ?? 0),
    });
    if (!response.ok) throw await problemErrorFrom(response);
    const parsed = answer.safeParse(await response.json().catch(() => undefined));
    if (parsed.success) return parsed.data;
    throw new Error(
      `${call.method} ${url.origin}${url.pathname} answered ${response.status} with what is no answer of Baton's`,
      {
        cause: parsed.error,
      },
    );
  };
}

async function request(
  url: URL,
  call: Call,
  { secret, timeoutMs }: { secret: string; timeoutMs: number },
): Promise<Response> {
  const init: RequestInit = {
    method: call.method,
    headers: headersOf(call, secret),
    // A redirect would carry the secret to another address.
    redirect: "error",
    signal: AbortSignal.timeout(timeoutMs),
  };
  try {
    return await fetch(url, call.body === undefined ? init : { ...init, body: JSON.stringify(call.body) });
  } catch (cause) {
    throw new Error(`Baton at ${url.origin} cannot be reached, or gave no answer within ${timeoutMs} ms`, { cause });
  }
}

function headersOf(call: Call, secret: string): Record<string, string> {
  return {
    accept: "application/json",
    authorization: `Bearer ${secret}`,
    ...(call.body === undefined ? {} : { "content-type": "application/json" }),
    ...(call.idempotencyKey === undefined ? {} : { "idempotency-key": call.idempotencyKey }),
    ...(call.waitMs === undefined ? {} : { prefer: formatWait(1_000 * Math.ceil(call.waitMs / 1_000)) }),
  };
}

function urlOf(baseUrl: string, call: Call): URL {
  const url = new URL(call.path, baseUrl.endsWith("/") ? baseUrl : `${baseUrl}/`);
  for (const [name, given] of Object.entries(call.query ?? {})) {
    const values = [given].flat();
    for (const value of values) if (value !== undefined) url.searchParams.append(name, String(value));
  }
  return url;
}
