/** Admin keys: who may call the admin API and sign in here. */
import { KeyRound } from "lucide-react";
import { useState } from "react";
import type { AdminKeyJson, CreatedAdminKey, Page as PageOf } from "../api/shapes.ts";
import { LiveView } from "../live/live-view.tsx";
import { useLive } from "../live/use-live.ts";
import { usePermissions } from "../session/session.ts";
import { Button } from "../ui/button.tsx";
import { Empty, Page } from "../ui/page.tsx";
import { NewSecret, SecretTable } from "../ui/secrets.tsx";
import type { Column } from "../ui/table.tsx";
import { NewKeyDialog } from "./new-key-dialog.tsx";

const PATH = "/admin/v1/keys";
const MAX_KEYS = 200;

export function KeysPage() {
  const live = useLive<PageOf<AdminKeyJson>>(PATH, { query: { limit: MAX_KEYS } });
  const [created, setCreated] = useState<CreatedAdminKey>();
  return (
    <Page
      title="Keys"
      sub="Admin keys. The first one stands in BATON_ADMIN_KEY and is not listed."
      live={live}
      actions={<NewKeyButton onCreated={setCreated} />}
    >
      {created !== undefined && <NewSecret what="key" secret={created.token} />}
      <LiveView of={live}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="No keys yet">Give each person a key of their own: the audit then says who did what.</Empty>
          ) : (
            <SecretTable caption="Admin keys" columns={COLUMNS} items={items} revocation={REVOCATION} />
          )
        }
      </LiveView>
    </Page>
  );
}

function NewKeyButton({ onCreated }: { readonly onCreated: (key: CreatedAdminKey) => void }) {
  const { canAdminister } = usePermissions();
  const [isDialogOpen, setIsDialogOpen] = useState(false);
  if (!canAdminister) return null;
  return (
    <>
      <Button look="primary" onClick={() => setIsDialogOpen(true)}>
        <KeyRound size={16} aria-hidden />
        New key…
      </Button>
      {isDialogOpen && <NewKeyDialog onClose={() => setIsDialogOpen(false)} onCreated={onCreated} />}
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
