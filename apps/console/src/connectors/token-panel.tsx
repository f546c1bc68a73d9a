/** A connector's tokens, or its screen-pop keys: made, rotated, revoked. */
import { useState } from "react";
import { write } from "../api/request.ts";
import type { CreatedToken, Page as PageOf, TokenJson } from "../api/shapes.ts";
import { LiveView } from "../live/live-view.tsx";
import { useLive } from "../live/use-live.ts";
import { useMay } from "../session/session.ts";
import { Button } from "../ui/button.tsx";
import { commandOf } from "../ui/command.ts";
import { Dialog, DialogButtons } from "../ui/dialog.tsx";
import { SelectField } from "../ui/field.tsx";
import { Instant } from "../ui/instant.tsx";
import { Notice } from "../ui/notice.tsx";
import { Empty, Mono, Panel } from "../ui/page.tsx";
import { Secret } from "../ui/secret.tsx";
import { type Column, Table } from "../ui/table.tsx";
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
  const { administer } = useMay();
  const [created, setCreated] = useState<CreatedToken>();
  const [asks, setAsks] = useState(false);
  const [revoked, setRevoked] = useState<TokenJson>();
  const { one, title, use } = WORDS[kind];
  const command = (verb: "issue" | "revoke") => ["connectors", kind, verb, connectorId];
  const columns = administer ? [...COLUMNS, revocation(setRevoked)] : COLUMNS;
  return (
    <Panel title={title} note={use}>
      {created !== undefined && <Secret what={one} secret={created.token} />}
      <LiveView of={live}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={`No ${one} yet`} />
          ) : (
            <Table caption={title} columns={columns} rows={items} rowId={({ id }) => id} />
          )
        }
      </LiveView>
      {administer && (
        <div>
          <Button look="primary" onClick={() => setAsks(true)}>
            New {one}…
          </Button>
        </div>
      )}
      {asks && (
        <NewTokenDialog path={path} one={one} command={command} onClose={() => setAsks(false)} onCreated={setCreated} />
      )}
      {revoked !== undefined && (
        <RevokeDialog path={path} one={one} command={command} of={revoked} onClose={() => setRevoked(undefined)} />
      )}
    </Panel>
  );
}

const COLUMNS: readonly Column<TokenJson>[] = [
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

function revocation(onRevoke: (token: TokenJson) => void): Column<TokenJson> {
  return {
    id: "revoke",
    title: "",
    cell: (token) => (
      <Button small look="danger" onClick={() => onRevoke(token)} aria-label={`Revoke ${token.id}`}>
        Revoke…
      </Button>
    ),
  };
}

/** CommandWords begin the command that does the same. */
type CommandWords = (verb: "issue" | "revoke") => readonly string[];

interface NewTokenProps {
  readonly path: string;
  readonly one: string;
  readonly command: CommandWords;
  readonly onClose: () => void;
  readonly onCreated: (token: CreatedToken) => void;
}

/** How long the older ones stay good, milliseconds; an empty one until they are revoked. */
const OVERLAPS: readonly (readonly [string, string])[] = [
  ["", "stay good until they are revoked"],
  ["3600000", "end in an hour"],
  ["86400000", "end in a day"],
  ["604800000", "end in a week"],
  ["0", "end at once"],
];

function NewTokenDialog({ path, one, command, onClose, onCreated }: NewTokenProps) {
  const [overlap, setOverlap] = useState("");
  const action = useAction<string, CreatedToken>(
    (ms) => write({ method: "POST", path, body: ms === "" ? {} : { overlapMs: Number(ms) } }),
    (token) => {
      onCreated(token);
      onClose();
    },
  );
  return (
    <Dialog onClose={onClose} title={`New ${one}`}>
      <SelectField
        label="The older ones"
        value={overlap}
        onChange={({ target }) => setOverlap(target.value)}
        help="To rotate, let them overlap until the new one is in use everywhere."
      >
        {OVERLAPS.map(([ms, words]) => (
          <option key={words} value={ms}>
            {words}
          </option>
        ))}
      </SelectField>
      {action.refused !== undefined && <Notice tone="bad" title={action.refused} role="alert" />}
      <DialogButtons command={commandOf(command("issue"), { overlap: overlap === "" ? undefined : `${overlap}ms` })}>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="primary" disabled={action.busy} onClick={() => action.run(overlap)}>
          Make the {one}
        </Button>
      </DialogButtons>
    </Dialog>
  );
}

interface RevokeProps {
  readonly path: string;
  readonly one: string;
  readonly command: CommandWords;
  readonly of: TokenJson;
  readonly onClose: () => void;
}

function RevokeDialog({ path, one, command, of, onClose }: RevokeProps) {
  const action = useAction(() => write({ method: "DELETE", path: `${path}/${encodeURIComponent(of.id)}` }), onClose);
  return (
    <Dialog onClose={onClose} title={`Revoke ${one} ${of.id}`}>
      <p>Requests that still use it are refused within two seconds.</p>
      {action.refused !== undefined && <Notice tone="bad" title={action.refused} role="alert" />}
      <DialogButtons command={commandOf([...command("revoke"), of.id])}>
        <Button onClick={onClose}>Keep it</Button>
        <Button look="danger" disabled={action.busy} onClick={() => action.run(undefined)}>
          Revoke
        </Button>
      </DialogButtons>
    </Dialog>
  );
}
