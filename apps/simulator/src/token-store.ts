/** The tokens that were issued, the requests for them, and the credentials that they take. */
import { z } from "zod";
import { setInBoundedMap } from "./bounded-map.ts";
import { createRingBuffer } from "./ring-buffer.ts";
import {
  createAccessTokenClaims,
  deriveTenantIdFromAccessKey,
  type Grant,
  type SigningKey,
  signJwt,
} from "./sign-access-tokens.ts";

/** How much is remembered; beyond it the oldest is forgotten, so that a forgotten token reads as an unknown one. */
const TOKENS_KEPT = 50_000;
const TENANTS_KEPT = 50_000;
const REQUESTS_KEPT = 20_000;
/** NICE's refresh tokens live about two hours. */
const REFRESH_LIFETIME_MS = 7_200_000;

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
      const claims = createAccessTokenClaims(grant, { id, now });
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
