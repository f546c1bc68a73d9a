/** Admin keys: who may call the admin API and sign in here. */
import { KeyRound } from "lucide-react";
import { useState } from "react";
import { write } from "../api/request.ts";
import type { AdminKeyJson, CreatedAdminKey, Page as PageOf } from "../api/shapes.ts";
import { LiveView } from "../live/live-view.tsx";
import { useLive } from "../live/use-live.ts";
import { useMay } from "../session/session.ts";
import { Button } from "../ui/button.tsx";
import { Dialog, DialogButtons } from "../ui/dialog.tsx";
import { Instant } from "../ui/instant.tsx";
import { Notice } from "../ui/notice.tsx";
import { Empty, Mono, Page } from "../ui/page.tsx";
import { Secret } from "../ui/secret.tsx";
import { type Column, Table } from "../ui/table.tsx";
import { useAction } from "../ui/use-action.ts";
import { NewKeyDialog } from "./new-key-dialog.tsx";

const PATH = "/admin/v1/keys";
const MOST = 200;

export function KeysPage() {
  const live = useLive<PageOf<AdminKeyJson>>(PATH, { query: { limit: MOST } });
  const { administer } = useMay();
  const [asks, setAsks] = useState(false);
  const [created, setCreated] = useState<CreatedAdminKey>();
  const [revoked, setRevoked] = useState<AdminKeyJson>();
  const columns = administer ? [...COLUMNS, revocation(setRevoked)] : COLUMNS;
  return (
    <Page
      title="Keys"
      sub="Admin keys. The first one stands in BATON_ADMIN_KEY and is not listed."
      live={live}
      actions={
        administer && (
          <Button look="primary" onClick={() => setAsks(true)}>
            <KeyRound size={16} aria-hidden />
            New key…
          </Button>
        )
      }
    >
      {created !== undefined && <Secret what="key" secret={created.token} />}
      <LiveView of={live}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="No keys yet">Give each person a key of their own: the audit then says who did what.</Empty>
          ) : (
            <Table caption="Admin keys" columns={columns} rows={items} rowId={({ id }) => id} />
          )
        }
      </LiveView>
      {asks && <NewKeyDialog onClose={() => setAsks(false)} onCreated={setCreated} />}
      {revoked !== undefined && <RevokeDialog of={revoked} onClose={() => setRevoked(undefined)} />}
    </Page>
  );
}

const COLUMNS: readonly Column<AdminKeyJson>[] = [
  { id: "name", title: "Whose", cell: ({ name }) => name },
  { id: "role", title: "Role", cell: ({ role }) => role },
  { id: "id", title: "Id", cell: ({ id }) => <Mono>{id}</Mono> },
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

function revocation(onRevoke: (key: AdminKeyJson) => void): Column<AdminKeyJson> {
  return {
    id: "revoke",
    title: "",
    cell: (key) => (
      <Button small look="danger" onClick={() => onRevoke(key)} aria-label={`Revoke the key of ${key.name}`}>
        Revoke…
      </Button>
    ),
  };
}

interface RevokeProps {
  readonly of: AdminKeyJson;
  readonly onClose: () => void;
}

function RevokeDialog({ of, onClose }: RevokeProps) {
  const action = useAction(() => write({ method: "DELETE", path: `${PATH}/${encodeURIComponent(of.id)}` }), onClose);
  return (
    <Dialog onClose={onClose} title={`Revoke the key of ${of.name}`}>
      <p>It stops working within two seconds, and its sessions end.</p>
      {action.refused !== undefined && <Notice tone="bad" title={action.refused} role="alert" />}
      <DialogButtons>
        <Button onClick={onClose}>Keep it</Button>
        <Button look="danger" disabled={action.busy} onClick={() => action.run(undefined)}>
          Revoke
        </Button>
      </DialogButtons>
    </Dialog>
  );
}
