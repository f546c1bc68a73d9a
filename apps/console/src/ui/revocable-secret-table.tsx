/** Connector tokens or keys that can be revoked, in a table. */
import { useState } from "react";
import type { TokenJson } from "../api/answer-types.ts";
import { writeToApi } from "../api/send-api-request.ts";
import { usePermissions } from "../session/session-and-permissions.ts";
import { ActionDialog } from "./action-dialog.tsx";
import { Button } from "./button.tsx";
import { formatBatonCommand } from "./format-baton-command.ts";
import { Instant } from "./instant.tsx";
import { MonoText } from "./page-layout.tsx";
import { type Column, Table } from "./table.tsx";
import { useApiAction } from "./use-api-action.ts";

interface RevocableSecretTableProps<T extends TokenJson> {
  readonly caption: string;
  /** Columns before those that every secret has. */
  readonly columns?: readonly Column<T>[];
  readonly items: readonly T[];
  readonly revocation: Revocation<T>;
}

/** Revocation is how one is revoked, and in words whose it is and what follows. */
interface Revocation<T> {
  /** Where the API has them. */
  readonly path: string;
  readonly nameOf: (secret: T) => string;
  /** The words of the command that revokes one, before its id. */
  readonly command: readonly string[];
  readonly effect: string;
}

/** RevocableSecretTable lists tokens or keys, never the secrets themselves; an admin can revoke each. */
export function RevocableSecretTable<T extends TokenJson>({
  caption,
  columns = [],
  items,
  revocation,
}: RevocableSecretTableProps<T>) {
  const { canAdminister } = usePermissions();
  const [revoked, setRevoked] = useState<T>();
  const all = [...columns, ...COLUMNS, ...(canAdminister ? [revokeColumn(revocation, setRevoked)] : [])];
  return (
    <>
      <Table caption={caption} columns={all} rows={items} rowId={({ id }) => id} />
      {revoked !== undefined && (
        <RevokeDialog of={revoked} revocation={revocation} onClose={() => setRevoked(undefined)} />
      )}
    </>
  );
}

const COLUMNS: readonly Column<TokenJson>[] = [
  { id: "id", title: "Id", cell: ({ id }) => <MonoText>{id}</MonoText> },
  { id: "created", title: "Made", cell: ({ createdAt }) => <Instant at={createdAt} /> },
  {
    id: "used",
    title: "Last used",
    cell: ({ lastUsedAt }) => (lastUsedAt === undefined ? "never" : <Instant at={lastUsedAt} />),
  },
  {
    id: "expires",
    title: "Expires",
    cell: ({ expiresAt }) => (expiresAt === undefined ? "when revoked" : <Instant at={expiresAt} />),
  },
];

function revokeColumn<T extends TokenJson>({ nameOf }: Revocation<T>, onRevoke: (secret: T) => void): Column<T> {
  return {
    id: "revoke",
    title: "",
    cell: (secret) => (
      <Button small look="danger" onClick={() => onRevoke(secret)} aria-label={`Revoke ${nameOf(secret)}`}>
        Revoke…
      </Button>
    ),
  };
}

interface RevokeProps<T> {
  readonly of: T;
  readonly revocation: Revocation<T>;
  readonly onClose: () => void;
}

function RevokeDialog<T extends TokenJson>({ of, revocation, onClose }: RevokeProps<T>) {
  const { path, nameOf, command, effect } = revocation;
  const action = useApiAction(
    () => writeToApi({ method: "DELETE", path: `${path}/${encodeURIComponent(of.id)}` }),
    onClose,
  );
  return (
    <ActionDialog
      title={`Revoke ${nameOf(of)}`}
      label="Revoke"
      look="danger"
      keep="Keep it"
      command={formatBatonCommand([...command, of.id])}
      action={action}
      onAct={() => action.run(undefined)}
      onClose={onClose}
    >
      <p>{effect}</p>
    </ActionDialog>
  );
}
