/** Revising a connector: what a patch makes of it, checked as if it were new, and which members that makes others. */
import { createHash, timingSafeEqual } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import {
  type ConnectorPatch,
  CREDENTIAL_NAMES,
  type CredentialName,
  jsonPointer,
  needsCredentials,
  parseOrRefuse,
  patchConnector,
  patchedConnectorSchema,
} from "@baton/api";
import type { CxOneCredentials } from "@baton/domain";
import type { StoredConnector } from "@baton/store";
import { SealBroken, UnknownKey, type Vault } from "@baton/vault";
import type { Revision } from "./change-connector.ts";
import { type AllowedHosts, checkHosts } from "./check-hosts.ts";
import { openCredentials, sealCredentials } from "./credentials.ts";

interface Deps {
  readonly vault: Pick<Vault, "seal" | "open">;
  readonly allowedHosts: AllowedHosts;
}

/** Revised is a revision with the JSON pointers of the members that it makes others. */
export interface Revised extends Revision {
  readonly changed: readonly string[];
}

/** ReviseConnector throws Refusal `invalid-connector`. */
export type ReviseConnector = (stored: StoredConnector, patch: ConnectorPatch) => Revised;

/**
 * createReviseConnector opens the credentials only where a patch gives some, and seals them anew only where one is
 * another.
 */
export function createReviseConnector({ vault, allowedHosts }: Deps): ReviseConnector {
  return ({ connector, credentials: sealed }, patch) => {
    const known = patch.credentials === undefined ? undefined : openKnown(vault, { id: connector.id, sealed, patch });
    const merged = patchConnector(connector, patch, needsCredentials(patch) ? known : undefined);
    const { credentials, ...members } = parseOrRefuse(patchedConnectorSchema, merged, {
      code: "invalid-connector",
      detail: "the connector would not be valid; nothing was changed",
    });
    checkHosts(members.cxone, allowedHosts);
    const { id, version, createdAt } = connector;
    // Who changes something else does not end a pause that ends by itself.
    const goesOn = members.paused && !Object.hasOwn(patch, "paused") && connector.pausedUntil !== undefined;
    const revised = { ...members, id, version, createdAt, ...(goesOn ? { pausedUntil: connector.pausedUntil } : {}) };
    const secrets = credentials === undefined ? [] : differingCredentials(credentials, known);
    return {
      connector: revised,
      ...(credentials === undefined || secrets.length === 0
        ? {}
        : { credentials: sealCredentials(vault, id, credentials) }),
      changed: [...differences(connector, revised), ...secrets.map((name) => jsonPointer(["credentials", name]))],
    };
  };
}

interface Sealed {
  readonly id: string;
  readonly sealed: string;
  readonly patch: ConnectorPatch;
}

/**
 * openKnown gives nothing where the key ring no longer opens them and the patch brings all four: that is how they are
 * mended.
 */
function openKnown(vault: Pick<Vault, "open">, { id, sealed, patch }: Sealed): CxOneCredentials | undefined {
  try {
    return openCredentials(vault, id, sealed);
  } catch (error) {
    if (needsCredentials(patch) || !(error instanceof UnknownKey || error instanceof SealBroken)) throw error;
    return undefined;
  }
}

function differingCredentials(given: CxOneCredentials, known: CxOneCredentials | undefined): readonly CredentialName[] {
  return CREDENTIAL_NAMES.filter((name) => known === undefined || !isSameSecret(given[name], known[name]));
}

/** isSameSecret takes as long whatever it compares: its time tells nothing of where two secrets part. */
function isSameSecret(a: string, b: string): boolean {
  const [digestOfA, digestOfB] = [a, b].map((secret) => createHash("sha256").update(secret).digest());
  return digestOfA !== undefined && digestOfB !== undefined && timingSafeEqual(digestOfA, digestOfB);
}

/** differences points at each member that is another in `after`; a list counts as one. */
export function differences(before: unknown, after: unknown, at: readonly string[] = []): readonly string[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (!isObject(before) || !isObject(after)) return [jsonPointer(at)];
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) => differences(before[name], after[name], [...at, name]));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
