/** A connector's credentials as they rest: sealed for this connector and nothing else. */
import { createHash, timingSafeEqual } from "node:crypto";
import { CREDENTIAL_NAMES, type CredentialName } from "@baton/api";
import type { CxOneCredentials } from "@baton/domain";
import { createSealBinding, openJson, sealJson, type Vault } from "@baton/vault";

/** sealCredentials gives what may be stored. */
export function sealCredentials(
  vault: Pick<Vault, "seal">,
  connectorId: string,
  credentials: CxOneCredentials,
): string {
  return sealJson(vault, credentials, createSealBinding("credentials", connectorId));
}

/** openCredentials throws SealBroken or UnknownKey where the ring does not open them. */
export function openCredentials(vault: Pick<Vault, "open">, connectorId: string, sealed: string): CxOneCredentials {
  return openJson<CxOneCredentials>(vault, sealed, createSealBinding("credentials", connectorId));
}

/** findChangedCredentialNames names those of `given` that are not as `known`, all of them where nothing is known. */
export function findChangedCredentialNames(
  given: CxOneCredentials,
  known: CxOneCredentials | undefined,
): readonly CredentialName[] {
  return CREDENTIAL_NAMES.filter((name) => known === undefined || !isSameSecret(given[name], known[name]));
}

/** isSameSecret takes as long whatever it compares: its time does not depend on where two secrets differ. */
function isSameSecret(a: string, b: string): boolean {
  const [digestOfA, digestOfB] = [a, b].map((secret) => createHash("sha256").update(secret).digest());
  return digestOfA !== undefined && digestOfB !== undefined && timingSafeEqual(digestOfA, digestOfB);
}
