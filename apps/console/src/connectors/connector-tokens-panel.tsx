/** A connector's tokens, or its screen-pop keys: made, rotated, revoked. */
import { useState } from "react";
import type { CreatedToken, ListPage, TokenJson } from "../api/answer-types.ts";
import { writeToApi } from "../api/send-api-request.ts";
import { LiveQueryView } from "../live/live-query-view.tsx";
import { useLiveQuery } from "../live/use-live-query.ts";
import { usePermissions } from "../session/session-and-permissions.ts";
import { ActionDialog } from "../ui/action-dialog.tsx";
import { Button } from "../ui/button.tsx";
import { OptionsSelectField } from "../ui/form-fields.tsx";
import { formatBatonCommand } from "../ui/format-baton-command.ts";
import { NewSecretNotice } from "../ui/new-secret-notice.tsx";
import { EmptyState, Panel } from "../ui/page-layout.tsx";
import { RevocableSecretTable } from "../ui/revocable-secret-table.tsx";
import { useApiAction } from "../ui/use-api-action.ts";

export type TokenKind = "tokens" | "screen-pop-keys";

const KIND_WORDS: Readonly<Record<TokenKind, { readonly one: string; readonly title: string; readonly use: string }>> =
  {
    tokens: {
      one: "token",
      title: "Connector tokens",
      use: "The PolyAI project sends it with every handoff and call: Authorization: Bearer bt_…",
    },
    "screen-pop-keys": {
      one: "screen-pop key",
      title: "Screen-pop keys",
      use: "The agent's desktop reads a handoff's state with it: x-api-key: bk_…",
    },
  };

interface ConnectorTokensPanelProps {
  readonly connectorId: string;
  readonly kind: TokenKind;
}

export function ConnectorTokensPanel({ connectorId, kind }: ConnectorTokensPanelProps) {
  const path = `/admin/v1/connectors/${encodeURIComponent(connectorId)}/${kind}`;
  const live = useLiveQuery<ListPage<TokenJson>>(path, { query: { limit: 100 } });
  const { one, title, use } = KIND_WORDS[kind];
  const revocation = {
    path,
    nameOf: ({ id }: TokenJson) => `${one} ${id}`,
    command: ["connectors", kind, "revoke", connectorId],
    effect: "Requests that still use it are refused within two seconds.",
  };
  return (
    <Panel title={title} note={use}>
      <LiveQueryView of={live}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title={`No ${one} yet`} />
          ) : (
            <RevocableSecretTable caption={title} items={items} revocation={revocation} />
          )
        }
      </LiveQueryView>
      <NewTokenButton path={path} one={one} command={["connectors", kind, "issue", connectorId]} />
    </Panel>
  );
}

interface NewTokenButtonProps {
  readonly path: string;
  readonly one: string;
  /** The words of the command that makes one. */
  readonly command: readonly string[];
}

/** NewTokenButton is the button that makes one, and then its secret. */
function NewTokenButton(props: NewTokenButtonProps) {
  const { one } = props;
  const { canAdminister } = usePermissions();
  const [created, setCreated] = useState<CreatedToken>();
  const [isDialogOpen, setIsDialogOpen] = useState(false);
  if (!canAdminister) return null;
  return (
    <>
      {created !== undefined && <NewSecretNotice what={one} secret={created.token} />}
      <div>
        <Button look="primary" onClick={() => setIsDialogOpen(true)}>
          New {one}…
        </Button>
      </div>
      {isDialogOpen && <NewTokenDialog {...props} onClose={() => setIsDialogOpen(false)} onCreated={setCreated} />}
    </>
  );
}

interface NewTokenDialogProps extends NewTokenButtonProps {
  readonly onClose: () => void;
  readonly onCreated: (token: CreatedToken) => void;
}

/** How long the older ones stay good, milliseconds; an empty one until they are revoked. */
const OVERLAP_OPTIONS: readonly (readonly [string, string])[] = [
  ["", "stay good until they are revoked"],
  ["3600000", "end in an hour"],
  ["86400000", "end in a day"],
  ["604800000", "end in a week"],
  ["0", "end at once"],
];

function NewTokenDialog({ path, one, command: words, onClose, onCreated }: NewTokenDialogProps) {
  const [overlap, setOverlap] = useState("");
  const action = useApiAction<string, CreatedToken>(
    (ms) => writeToApi({ method: "POST", path, body: ms === "" ? {} : { overlapMs: Number(ms) } }),
    (token) => {
      onCreated(token);
      onClose();
    },
  );
  const command = formatBatonCommand(words, { overlap: overlap === "" ? undefined : `${overlap}ms` });
  const dialog = { title: `New ${one}`, label: `Make the ${one}`, command, action, onClose };
  return (
    <ActionDialog {...dialog} onAct={() => action.run(overlap)}>
      <OptionsSelectField
        label="The older ones"
        options={OVERLAP_OPTIONS}
        value={overlap}
        onChange={({ target }) => setOverlap(target.value)}
        help="To rotate, let them overlap until the new one is in use everywhere."
      />
    </ActionDialog>
  );
}
