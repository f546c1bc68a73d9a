/** Admin keys: who may call the admin API and sign in here. */
import { KeyRound } from "lucide-react";
import { useState } from "react";
import type { AdminKeyJson, CreatedAdminKey, ListPage } from "../api/answer-types.ts";
import { LiveQueryView } from "../live/live-query-view.tsx";
import { useLiveQuery } from "../live/use-live-query.ts";
import { usePermissions } from "../session/session-and-permissions.ts";
import { Button } from "../ui/button.tsx";
import { NewSecretNotice } from "../ui/new-secret-notice.tsx";
import { EmptyState, Page } from "../ui/page-layout.tsx";
import { RevocableSecretTable } from "../ui/revocable-secret-table.tsx";
import type { Column } from "../ui/table.tsx";
import { NewAdminKeyDialog } from "./new-admin-key-dialog.tsx";

const PATH = "/admin/v1/keys";
const MAX_KEYS = 200;

export function AdminKeysPage() {
  const live = useLiveQuery<ListPage<AdminKeyJson>>(PATH, { query: { limit: MAX_KEYS } });
  const [created, setCreated] = useState<CreatedAdminKey>();
  return (
    <Page
      title="Keys"
      sub="Admin keys. The first one stands in BATON_ADMIN_KEY and is not listed."
      live={live}
      actions={<NewAdminKeyButton onCreated={setCreated} />}
    >
      {created !== undefined && <NewSecretNotice what="key" secret={created.token} />}
      <LiveQueryView of={live}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title="No keys yet">
              Give each person a key of their own: the audit then says who did what.
            </EmptyState>
          ) : (
            <RevocableSecretTable caption="Admin keys" columns={COLUMNS} items={items} revocation={REVOCATION} />
          )
        }
      </LiveQueryView>
    </Page>
  );
}

function NewAdminKeyButton({ onCreated }: { readonly onCreated: (key: CreatedAdminKey) => void }) {
  const { canAdminister } = usePermissions();
  const [isDialogOpen, setIsDialogOpen] = useState(false);
  if (!canAdminister) return null;
  return (
    <>
      <Button look="primary" onClick={() => setIsDialogOpen(true)}>
        <KeyRound size={16} aria-hidden />
        New key…
      </Button>
      {isDialogOpen && <NewAdminKeyDialog onClose={() => setIsDialogOpen(false)} onCreated={onCreated} />}
    </>
  );
}

const COLUMNS: readonly Column<AdminKeyJson>[] = [
  { id: "name", title: "Whose", isName: true, cell: ({ name }) => name },
  { id: "role", title: "Role", cell: ({ role }) => role },
];

const REVOCATION = {
  path: PATH,
  nameOf: ({ name }: AdminKeyJson) => `the key of ${name}`,
  command: ["keys", "revoke"],
  effect: "It stops working within two seconds, and its sessions end.",
};
