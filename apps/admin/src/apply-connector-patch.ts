/** What a patch makes of a connector, checked as if it were new, and which fields it changes. */
import { isDeepStrictEqual } from "node:util";
import {
  type ConnectorPatch,
  hasPartialCredentials,
  mergeConnectorPatch,
  parseOrRefuse,
  patchedConnectorSchema,
} from "@baton/api";
import {
  type Connector,
  type CxOneCredentials,
  type CxOneTarget,
  formatJsonPointer,
  Refusal,
  type ValidationIssue,
} from "@baton/domain";
import type { StoredConnector } from "@baton/registry/connector-store";
import { SealBroken, UnknownKey, type Vault } from "@baton/vault";
import { findChangedCredentialNames, openCredentials, sealCredentials } from "./sealed-connector-credentials.ts";

interface Deps {
  readonly vault: Pick<Vault, "seal" | "open">;
  readonly allowedHosts: AllowedHosts;
}

/** Revision is what a change makes of a connector; new credentials are sealed. */
export interface Revision {
  readonly connector: Connector;
  readonly credentials?: string;
}

/** PatchRevision is a revision with the JSON pointers of the members that it makes others. */
export interface PatchRevision extends Revision {
  readonly changed: readonly string[];
}

/** ApplyConnectorPatch throws Refusal `invalid-connector`. */
export type ApplyConnectorPatch = (stored: StoredConnector, patch: ConnectorPatch) => PatchRevision;

/**
 * createApplyConnectorPatch opens the credentials only where a patch gives some, and seals them anew only where one is
 * another.
 */
export function createApplyConnectorPatch({ vault, allowedHosts }: Deps): ApplyConnectorPatch {
  return ({ connector, credentials: sealed }, patch) => {
    const known =
      patch.credentials === undefined ? undefined : openStoredCredentials(vault, { id: connector.id, sealed, patch });
    const merged = mergeConnectorPatch(connector, patch, hasPartialCredentials(patch) ? known : undefined);
    const { credentials, ...members } = parseOrRefuse(patchedConnectorSchema, merged, {
      code: "invalid-connector",
      detail: "the connector would not be valid; nothing was changed",
    });
    refuseDisallowedCxOneHosts(members.cxone, allowedHosts);
    const { id, version, createdAt } = connector;
    // Who changes something else does not end a pause that ends by itself.
    const goesOn = members.paused && !Object.hasOwn(patch, "paused") && connector.pausedUntil !== undefined;
    const revised = { ...members, id, version, createdAt, ...(goesOn ? { pausedUntil: connector.pausedUntil } : {}) };
    const secrets = credentials === undefined ? [] : findChangedCredentialNames(credentials, known);
    return {
      connector: revised,
      ...(credentials === undefined || secrets.length === 0
        ? {}
        : { credentials: sealCredentials(vault, id, credentials) }),
      changed: [
        ...listPointersToChangedFields(connector, revised),
        ...secrets.map((name) => formatJsonPointer(["credentials", name])),
      ],
    };
  };
}

interface SealedCredentials {
  readonly id: string;
  readonly sealed: string;
  readonly patch: ConnectorPatch;
}

/**
 * openStoredCredentials gives nothing where the key ring no longer opens the credentials and the patch replaces all
 * four: that is how an operator repairs them.
 */
function openStoredCredentials(
  vault: Pick<Vault, "open">,
  { id, sealed, patch }: SealedCredentials,
): CxOneCredentials | undefined {
  try {
    return openCredentials(vault, id, sealed);
  } catch (error) {
    if (hasPartialCredentials(patch) || !(error instanceof UnknownKey || error instanceof SealBroken)) throw error;
    return undefined;
  }
}

/** listPointersToChangedFields points at each member that is another in `after`; a list counts as one. */
export function listPointersToChangedFields(
  before: unknown,
  after: unknown,
  at: readonly string[] = [],
): readonly string[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (!isObject(before) || !isObject(after)) return [formatJsonPointer(at)];
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) => listPointersToChangedFields(before[name], after[name], [...at, name]));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** AllowedHosts judges a URL. */
export interface AllowedHosts {
  check(url: string): { readonly ok: true } | { readonly ok: false; readonly detail: string };
}

/**
 * refuseDisallowedCxOneHosts throws Refusal `invalid-connector`, with a pointer to each address that is not allowed.
 */
export function refuseDisallowedCxOneHosts({ issuer, apiEndpoint }: CxOneTarget, allowedHosts: AllowedHosts): void {
  const errors = Object.entries({ issuer, apiEndpoint }).flatMap(([name, url]): readonly ValidationIssue[] => {
    const verdict = url === undefined ? { ok: true as const } : allowedHosts.check(url);
    return verdict.ok ? [] : [{ pointer: `/cxone/${name}`, message: verdict.detail }];
  });
  if (errors.length === 0) return;
  throw new Refusal(
    "invalid-connector",
    "its addresses are not allowed; BATON_ALLOWED_HOSTS adds to CXone's own hosts",
    { errors },
  );
}
