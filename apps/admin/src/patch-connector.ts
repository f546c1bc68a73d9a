/** Patching a connector: the members given are replaced, and a patch that makes none another changes nothing. */
import type { ConnectorPatch } from "@baton/api";
import type { Connector } from "@baton/domain";
import type { StoredConnector } from "@baton/store";
import type { ChangeConnector } from "./change-connector.ts";
import { notFound } from "./not-found.ts";
import type { ReviseConnector } from "./revise-connector.ts";

interface Deps {
  readonly changeConnector: ChangeConnector;
  readonly reviseConnector: ReviseConnector;
}

/** PatchConnector throws Refusal `not-found`, `invalid-connector`, `project-taken` or `number-taken`. */
export type PatchConnector = (id: string, patch: ConnectorPatch) => Promise<Connector>;

/** createPatchConnector replaces the members given. */
export function createPatchConnector({ changeConnector, reviseConnector }: Deps): PatchConnector {
  return (id, patch) => changeConnector(id, (stored) => reviseConnector(stored, patch));
}

interface PreviewDeps {
  readonly connectors: { read(id: string): Promise<StoredConnector | undefined> };
  readonly reviseConnector: ReviseConnector;
}

/** PreviewPatch gives JSON pointers to what a patch would change. Throws Refusal `not-found` or `invalid-connector`. */
export type PreviewPatch = (id: string, patch: ConnectorPatch) => Promise<readonly string[]>;

/** createPreviewPatch changes nothing; whether a project or a number is free shows only when it is claimed. */
export function createPreviewPatch({ connectors, reviseConnector }: PreviewDeps): PreviewPatch {
  return async (id, patch) => {
    const stored = await connectors.read(id);
    if (stored === undefined) throw notFound("connector", id);
    return reviseConnector(stored, patch).changed;
  };
}
