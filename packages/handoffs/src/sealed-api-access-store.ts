/**
 * CXone access (token and address) of each connector, fetched by one process for all. What is stored is sealed by the
 * caller. The rules are domain's; this reads a connector's state, and compares and sets it.
 */
import {
  type ApiAccessClaim,
  type ApiAccessPart,
  type ApiAccessRefusal,
  type ApiAccessRequest,
  type ApiAccessState,
  claimApiAccessOrLease,
  dropOutdatedApiAccess,
  type FailedApiAccess,
  findRecentCredentialsRefusal,
  type GrantedApiAccess,
  recordApiAccessFetchFailure,
  recordApiAccessFetchSuccess,
  recordCredentialsRefusal,
} from "@baton/domain";
import {
  createLuaScript,
  readReplyList,
  readReplyNumber,
  readReplyText,
  readReplyTextsByName,
} from "@baton/redis/lua-script";
import { requireShardTagOfId, type Shards } from "@baton/redis/shards";

type State = ApiAccessState<string>;
type Fields = Readonly<Record<string, string>>;
type OfConnector = { readonly connectorId: string };

/** ApiAccessKeys names a connector's credentials: the connector's version that has them. */
export interface ApiAccessKeys extends OfConnector {
  readonly credentialsVersion: number;
}

/** ApiAccessRefused: CXone's words, and how long it is not to be asked again, milliseconds. */
export interface ApiAccessRefused {
  readonly detail: string;
  readonly leftMs: number;
}

/** An access is kept for so long after its end. Milliseconds. */
const KEPT_MS = 60_000;

export type SealedApiAccessStore = ReturnType<typeof createSealedApiAccessStore>;

/**
 * createSealedApiAccessStore gives the accesses of all connectors; `random` is in [0, 1). Throws when Redis cannot be
 * reached.
 */
export function createSealedApiAccessStore(shards: Shards, random: () => number) {
  const script = createLuaScript(import.meta, "read-or-replace-api-access");

  async function run(connectorId: string, write: object) {
    const reply = await script(shards.redis, requireShardTagOfId(shards, "cn", connectorId), { connectorId, ...write });
    return {
      isSet: readReplyText(reply, 0) === "set",
      now: readReplyNumber(reply, 1),
      fields: readReplyTextsByName(readReplyList(reply, 2)),
    };
  }

  /** update applies a rule; again where the state was another by the time that it was set. */
  async function update<Result>(connectorId: string, apply: (state: State, now: number) => RuleResult<Result>) {
    let { now, fields } = await run(connectorId, {});
    for (;;) {
      const before = parseState(fields);
      const { state, result, ...options } = apply(before, now);
      if (state === before) return result;
      const written = await run(connectorId, { before: fields, after: formatState(state), ...options });
      if (written.isSet) return result;
      ({ now, fields } = written);
    }
  }

  return {
    /** claim gives the access that is there, the right to fetch one, or why neither. */
    claim: ({ connectorId, ...request }: ApiAccessRequest & OfConnector): Promise<ApiAccessClaim<string>> =>
      update(connectorId, (before, now) => {
        const { state, claim } = claimApiAccessOrLease(before, request, now);
        return { state, result: claim };
      }),

    /** grant stores what was fetched; false when the lease was lost meanwhile. */
    grant: ({ connectorId, ...granted }: GrantedApiAccess<string> & OfConnector): Promise<boolean> =>
      update(connectorId, (before, now) => {
        const state = recordApiAccessFetchSuccess(before, granted, now);
        const keepMs = granted.lifetimeMs + KEPT_MS;
        return state === undefined ? { state: before, result: false } : { state, result: true, keepMs, wakes: true };
      }),

    /** fail remembers that the fetch failed. */
    fail: ({ connectorId, ...failed }: FailedApiAccess & OfConnector): Promise<void> =>
      update(connectorId, (before, now) => {
        const state = recordApiAccessFetchFailure(before, failed, { now, random: random() });
        return state === undefined ? { state: before, result: undefined } : { state, result: undefined, wakes: true };
      }),

    /** drop forgets access of older credentials, and its failures; those who wait for a token may go. */
    drop: (connectorId: string, credentialsVersion: number): Promise<void> =>
      update(connectorId, (before) => ({
        state: dropOutdatedApiAccess(before, credentialsVersion),
        result: undefined,
        wakes: true,
      })),

    /** refuse remembers that CXone refused these credentials to a process without a lease. */
    refuse: (
      { connectorId, credentialsVersion }: ApiAccessKeys,
      refusal: Pick<ApiAccessRefusal, "detail" | "httpStatus">,
    ): Promise<void> =>
      update(connectorId, (before, now) => ({
        state: recordCredentialsRefusal(before, credentialsVersion, { ...refusal, now }),
        result: undefined,
        wakes: true,
      })),

    /**
     * refusal gives how CXone refused these credentials lately, and how long it is not to be asked yet; undefined where
     * it may be.
     */
    async refusal({ connectorId, credentialsVersion }: ApiAccessKeys): Promise<ApiAccessRefused | undefined> {
      const { now, fields } = await run(connectorId, {});
      return findRecentCredentialsRefusal(parseState(fields), { credentialsVersion, now });
    },
  };
}

/**
 * RuleResult is a rule's result; Redis expires the state after `keepMs`; `wakes`: the handoffs that wait for a token.
 */
interface RuleResult<Result> {
  readonly state: State;
  readonly result: Result;
  readonly keepMs?: number;
  readonly wakes?: boolean;
}

/** parseState reads the fields of Redis's hash; some of them claim.lua reads, too. */
function parseState(fields: Fields): State {
  const { access, version = "", lease, detail, refused, refusedDetail = "", httpStatus, forced } = fields;
  const instant = (name: string) => Number(fields[name] ?? 0);
  const renewedAt = (part: ApiAccessPart) =>
    fields[`renewedAt:${part}`] === undefined ? {} : { [part]: instant(`renewedAt:${part}`) };
  return {
    credentialsVersion: instant("credentialsVersion"),
    failures: instant("failures"),
    renewedAt: { ...renewedAt("token"), ...renewedAt("address") },
    ...(access !== undefined && {
      access: { value: access, version, expiresAt: instant("expiresAt"), renewAt: instant("renewAt") },
    }),
    ...(lease !== undefined && {
      lease: { id: lease, endsAt: instant("leaseUntil"), ...(forced && { forced: forced as ApiAccessPart }) },
    }),
    ...(fields.retryAt !== undefined && { waiting: { endsAt: instant("retryAt"), detail: detail ?? "" } }),
    ...(refused !== undefined && {
      refusal: {
        reason: refused as ApiAccessRefusal["reason"],
        detail: refusedDetail,
        endsAt: instant("refusedUntil"),
        ...(httpStatus === undefined ? {} : { httpStatus: Number(httpStatus) }),
      },
    }),
  };
}

function formatState({ credentialsVersion, access, lease, waiting, refusal, failures, renewedAt }: State): Fields {
  const fields = {
    credentialsVersion,
    access: access?.value,
    version: access?.version,
    expiresAt: access?.expiresAt,
    renewAt: access?.renewAt,
    lease: lease?.id,
    leaseUntil: lease?.endsAt,
    forced: lease?.forced,
    retryAt: waiting?.endsAt,
    detail: waiting?.detail,
    refused: refusal?.reason,
    refusedUntil: refusal?.endsAt,
    refusedDetail: refusal?.detail,
    httpStatus: refusal?.httpStatus,
    failures: failures === 0 ? undefined : failures,
    "renewedAt:token": renewedAt.token,
    "renewedAt:address": renewedAt.address,
  };
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
}
