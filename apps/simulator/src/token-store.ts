/** Access tokens as CXone's identity service issues them: RS256, with the claims that public clients have seen. */
import { createHash, generateKeyPair, type JsonWebKey, type KeyObject, sign } from "node:crypto";
import { promisify } from "node:util";
import { z } from "zod";
import { setInBoundedMap } from "./bounded-map.ts";
import { createRingBuffer } from "./ring-buffer.ts";

/** How much is remembered; beyond it the oldest is forgotten, so that a forgotten token reads as an unknown one. */
const TOKENS_KEPT = 50_000;
const TENANTS_KEPT = 50_000;
const REQUESTS_KEPT = 20_000;
/** NICE's refresh tokens live about two hours. */
const REFRESH_LIFETIME_MS = 7_200_000;
const KEY_BITS = 2_048;

/** SigningKey signs every token of this process; its public half is what `/auth/jwks` shows. */
export interface SigningKey {
  readonly id: string;
  readonly key: KeyObject;
  readonly jwk: JsonWebKey;
}

let made: Promise<SigningKey> | undefined;
/**
 * getProcessSigningKey makes the process's key once: a tenth of a second that a test with many simulators pays only
 * once.
 */
export function getProcessSigningKey(): Promise<SigningKey> {
  made ??= promisify(generateKeyPair)("rsa", { modulusLength: KEY_BITS }).then(({ privateKey, publicKey }) => {
    const jwk = publicKey.export({ format: "jwk" });
    return { id: createHash("sha256").update(JSON.stringify(jwk)).digest("hex").slice(0, 16), key: privateKey, jwk };
  });
  return made;
}

/** accessKeySchema is a set of credentials: the client's are compared only where they are given. */
export const accessKeySchema = z.strictObject({
  accessKeyId: z.string().min(1),
  accessKeySecret: z.string().min(1),
  clientId: z.string().min(1).optional(),
  clientSecret: z.string().min(1).optional(),
});
/**
 * AccessKey is the only set of credentials that works for its `accessKeyId`, once declared; until then any secret does.
 */
export type AccessKey = z.infer<typeof accessKeySchema>;

/** Token is one that was issued. `id` names it in everything the simulator shows; instants are epoch milliseconds. */
export interface Token {
  readonly id: string;
  readonly accessKeyId: string;
  readonly clientId: string;
  readonly tenantId: string;
  readonly expiresAt: number;
  readonly revoked: boolean;
}

/** TokenRequest is one request to the token endpoint. `status` is absent where the answer never left. */
export interface TokenRequest {
  readonly at: number;
  readonly grantType?: string | undefined;
  readonly clientAuth: "basic" | "body" | "none";
  readonly clientId?: string | undefined;
  readonly accessKeyId?: string | undefined;
  readonly tenantId?: string | undefined;
  readonly status?: number | undefined;
  readonly token?: string | undefined;
  readonly faultId?: string | undefined;
}

/** IssuedToken is what the token endpoint answers with: three JWTs, and what is known of the access token. */
export interface IssuedToken {
  readonly token: Token;
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly idToken: string;
}

/** Grant is whom a token is for. `issuer` is the simulator's own address as the client wrote it. */
export interface Grant {
  readonly accessKeyId: string;
  readonly clientId: string;
  readonly issuer: string;
  readonly lifetimeSeconds: number;
}

/** TokenStore issues tokens, finds and revokes them, and keeps the requests for them. */
export interface TokenStore {
  issue(grant: Grant): IssuedToken;
  /** The token behind an `Authorization` header, however old; undefined when this simulator never issued it. */
  find(authorization: string | undefined): Token | undefined;
  /** Whom a refresh token is for, while it lives. */
  refreshable(refreshToken: string): Pick<Token, "accessKeyId" | "clientId"> | undefined;
  isValid(token: Token): boolean;
  /** Revokes the access tokens of one access key, or all; says how many were still valid. */
  revoke(accessKeyId?: string): number;
  /** Whose tenant this is; undefined where no token was ever issued to it. */
  accessKeyOf(tenantId: string): string | undefined;
  declareKey(key: AccessKey): void;
  /** What is wrong with these credentials: `client`, `accessKey` or nothing. */
  findWrongCredential(credentials: AccessKey): "client" | "accessKey" | undefined;
  record(request: TokenRequest): void;
  requests(accessKeyId?: string): readonly TokenRequest[];
  counts(): { readonly requests: number; readonly issued: number; readonly valid: number };
  /** Forgets requests and declared keys. Tokens stay valid: `revoke` ends them. */
  clear(): void;
}

interface StoredToken extends Token {
  revoked: boolean;
}

/** createTokenStore starts with none issued. */
export function createTokenStore(signer: SigningKey, clock: () => number): TokenStore {
  const tokens = new Map<string, StoredToken>();
  const refreshTokens = new Map<string, { accessKeyId: string; clientId: string; expiresAt: number }>();
  const tenants = new Map<string, string>();
  const keys = new Map<string, AccessKey>();
  const requests = createRingBuffer<TokenRequest>(REQUESTS_KEPT);
  let issued = 0;

  const isValid = (token: Token): boolean => !token.revoked && token.expiresAt > clock();

  return {
    issue(grant) {
      const now = clock();
      const id = `token-${++issued}`;
      const tenantId = deriveTenantIdFromAccessKey(grant.accessKeyId);
      const claims = claimsOf(grant, { id, now });
      const accessToken = signJwt(signer, claims);
      const refreshToken = signJwt(signer, {
        ...claims,
        use: "refresh",
        exp: Math.floor((now + REFRESH_LIFETIME_MS) / 1000),
      });
      const idToken = signJwt(signer, { ...claims, use: "id", icDomain: "simulator.test", userId: claims.sub });
      const { accessKeyId, clientId, lifetimeSeconds } = grant;
      const token: StoredToken = {
        id,
        accessKeyId,
        clientId,
        tenantId,
        expiresAt: now + lifetimeSeconds * 1000,
        revoked: false,
      };
      setInBoundedMap(tokens, accessToken, token, TOKENS_KEPT);
      setInBoundedMap(
        refreshTokens,
        refreshToken,
        { accessKeyId, clientId, expiresAt: now + REFRESH_LIFETIME_MS },
        TOKENS_KEPT,
      );
      setInBoundedMap(tenants, tenantId, accessKeyId, TENANTS_KEPT);
      return { token, accessToken, refreshToken, idToken };
    },
    find(authorization) {
      if (authorization === undefined || authorization.slice(0, 7).toLowerCase() !== "bearer ") return undefined;
      return tokens.get(authorization.slice(7).trim());
    },
    refreshable(refreshToken) {
      const known = refreshTokens.get(refreshToken);
      return known !== undefined && known.expiresAt > clock() ? known : undefined;
    },
    isValid,
    revoke(accessKeyId) {
      const ended = [...tokens.values()].filter(
        (token) => isValid(token) && (accessKeyId ?? token.accessKeyId) === token.accessKeyId,
      );
      for (const token of ended) token.revoked = true;
      return ended.length;
    },
    accessKeyOf: (tenantId) => tenants.get(tenantId),
    declareKey: (key) => setInBoundedMap(keys, key.accessKeyId, key, TENANTS_KEPT),
    findWrongCredential(given) {
      const expected = keys.get(given.accessKeyId);
      if (expected === undefined) return undefined;
      if ((expected.clientId ?? given.clientId) !== given.clientId) return "client";
      if ((expected.clientSecret ?? given.clientSecret) !== given.clientSecret) return "client";
      return expected.accessKeySecret === given.accessKeySecret ? undefined : "accessKey";
    },
    record: (request) => requests.push(request),
    requests: (accessKeyId) =>
      [...requests.values()].filter((request) => (accessKeyId ?? request.accessKeyId) === request.accessKeyId),
    counts: () => ({
      requests: requests.size + requests.dropped,
      issued,
      valid: [...tokens.values()].filter(isValid).length,
    }),
    clear() {
      requests.clear();
      keys.clear();
    },
  };
}

/** deriveTenantIdFromAccessKey is the tenant that an access key belongs to: always the same GUID for the same key. */
export function deriveTenantIdFromAccessKey(accessKeyId: string): string {
  const hex = createHash("sha256").update(`tenant:${accessKeyId}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function claimsOf({ accessKeyId, clientId, issuer, lifetimeSeconds }: Grant, { id, now }: { id: string; now: number }) {
  const tenantId = deriveTenantIdFromAccessKey(accessKeyId);
  const issuedAt = Math.floor(now / 1000);
  return {
    jti: id,
    role: { legacyId: "Administrator", id: tenantId, secondaryRoles: [] },
    iss: issuer,
    sub: `user:${deriveTenantIdFromAccessKey(`user:${accessKeyId}`)}`,
    aud: clientId,
    // A business unit's number may be negative; half of the simulator's are.
    icBUId: createHash("sha256").update(accessKeyId).digest().readInt32BE(),
    tenantId,
    tenant: `simulated_${tenantId.slice(0, 8)}`,
    icClusterId: "SIM1",
    area: "sim1",
    iat: issuedAt,
    exp: issuedAt + lifetimeSeconds,
  };
}

function signJwt(signer: SigningKey, claims: object): string {
  const head = { alg: "RS256", typ: "JWT", kid: signer.id };
  const text = [head, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${text}.${sign("sha256", Buffer.from(text), signer.key).toString("base64url")}`;
}
