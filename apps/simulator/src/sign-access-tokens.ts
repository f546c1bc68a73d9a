/** Access tokens as CXone's identity service signs them: RS256, with the claims that public clients have seen. */
import { createHash, generateKeyPair, type JsonWebKey, type KeyObject, sign } from "node:crypto";
import { promisify } from "node:util";

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

/** Grant is whom a token is for. `issuer` is the simulator's own address as the client wrote it. */
export interface Grant {
  readonly accessKeyId: string;
  readonly clientId: string;
  readonly issuer: string;
  readonly lifetimeSeconds: number;
}

/** deriveTenantIdFromAccessKey is the tenant that an access key belongs to: always the same GUID for the same key. */
export function deriveTenantIdFromAccessKey(accessKeyId: string): string {
  const hex = createHash("sha256").update(`tenant:${accessKeyId}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** createAccessTokenClaims gives what a token says of whom it is for; `now` is epoch milliseconds. */
export function createAccessTokenClaims(
  { accessKeyId, clientId, issuer, lifetimeSeconds }: Grant,
  { id, now }: { id: string; now: number },
) {
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

/** signJwt makes a JWT of `claims`, RS256. */
export function signJwt(signer: SigningKey, claims: object): string {
  const head = { alg: "RS256", typ: "JWT", kid: signer.id };
  const text = [head, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${text}.${sign("sha256", Buffer.from(text), signer.key).toString("base64url")}`;
}
