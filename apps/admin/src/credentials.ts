/** A connector's credentials as they rest: sealed for this connector and nothing else. */
import type { CxOneCredentials } from "@baton/domain";
import { placeOf, type Vault } from "@baton/vault";

/** sealCredentials gives what may be stored. */
export function sealCredentials(
  vault: Pick<Vault, "seal">,
  connectorId: string,
  credentials: CxOneCredentials,
): string {
  return vault.seal(JSON.stringify(credentials), placeOf("credentials", connectorId)).toString("base64url");
}

/** openCredentials throws SealBroken or UnknownKey where the ring does not open them. */
export function openCredentials(vault: Pick<Vault, "open">, connectorId: string, sealed: string): CxOneCredentials {
  return JSON.parse(
    vault.open(Buffer.from(sealed, "base64url"), placeOf("credentials", connectorId)).toString("utf8"),
  ) as CxOneCredentials;
}
