/** A connector's tokens, or its screen-pop keys: made, rotated, revoked. */
import { useState } from "react";
import { write } from "../api/request.ts";
import type { CreatedToken, Page as PageOf, TokenJson } from "../api/shapes.ts";
import { LiveView } from "../live/live-view.tsx";
import { useLive } from "../live/use-live.ts";
import { usePermissions } from "../session/session.ts";
import { ActionDialog } from "../ui/action-dialog.tsx";
import { Button } from "../ui/button.tsx";
import { commandOf } from "../ui/command.ts";
import { OptionsField } from "../ui/field.tsx";
import { Empty, Panel } from "../ui/page.tsx";
import { NewSecret, SecretTable } from "../ui/secrets.tsx";
import { useAction } from "../ui/use-action.ts";

export type TokenKind = "tokens" | "screen-pop-keys";

const WORDS: Readonly<Record<TokenKind, { readonly one: string; readonly title: string; readonly use: string }>> = {
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

interface TokenPanelProps {
  readonly connectorId: string;
  readonly kind: TokenKind;
}

export function TokenPanel({ connectorId, kind }: TokenPanelProps) {
  const path = `/admin/v1/connectors/${encodeURIComponent(connectorId)}/${kind}`;
  const live = useLive<PageOf<TokenJson>>(path, { query: { limit: 100 } });
  const { one, title, use } = WORDS[kind];
  const revocation = {
    path,
    nameOf: ({ id }: TokenJson) => `${one} ${id}`,
    command: ["connectors", kind, "revoke", connectorId],
    effect: "Requests that still use it are refused within two seconds.",
  };
  return (
    <Panel title={title} note={use}>
      <LiveView of={live}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={`No ${one} yet`} />
          ) : (
            <SecretTable caption={title} items={items} revocation={revocation} />
          )
        }
      </LiveView>
      <NewToken path={path} one={one} command={["connectors", kind, "issue", connectorId]} />
    </Panel>
  );
}

interface NewTokenProps {
  readonly path: string;
  readonly one: string;
  /** The words of the command that makes one. */
  readonly command: readonly string[];
}

/** NewToken is the button that makes one, and then its secret. */
function NewToken(props: NewTokenProps) {
  const { one } = props;
  const { canAdminister } = usePermissions();
  const [created, setCreated] = useState<CreatedToken>();
  const [isDialogOpen, setIsDialogOpen] = useState(false);
  if (!canAdminister) return null;
  return (
    <>
      {created !== undefined && <NewSecret what={one} secret={created.token} />}
      <div>
        <Button look="primary" onClick={() => setIsDialogOpen(true)}>
          New {one}…
        </Button>
      </div>
      {isDialogOpen && <NewTokenDialog {...props} onClose={() => setIsDialogOpen(false)} onCreated={setCreated} />}
    </>
  );
}

interface NewTokenDialogProps extends NewTokenProps {
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
  const action = useAction<string, CreatedToken>(
    (ms) => write({ method: "POST", path, body: ms === "" ? {} : { overlapMs: Number(ms) } }),
    (token) => {
      onCreated(token);
      onClose();
    },
  );
  const command = commandOf(words, { overlap: overlap === "" ? undefined : `${overlap}ms` });
  const dialog = { title: `New ${one}`, label: `Make the ${one}`, command, action, onClose };
  return (
    <ActionDialog {...dialog} onAct={() => action.run(overlap)}>
      <OptionsField
        label="The older ones"
        options={OVERLAP_OPTIONS}
        value={overlap}
        onChange={({ target }) => setOverlap(target.value)}
        help="To rotate, let them overlap until the new one is in use everywhere."
      />
    </ActionDialog>
  );
}
