/** Walking the way to CXone, step by step; with a contact id, one real test signal. */
import { CircleCheck, CircleX } from "lucide-react";
import { type SubmitEvent, useState } from "react";
import { write } from "../api/request.ts";
import type { Verification } from "../api/shapes.ts";
import { usePermissions } from "../session/session.ts";
import { Button } from "../ui/button.tsx";
import { commandOf } from "../ui/command.ts";
import { CopyButton } from "../ui/copy.tsx";
import { TextField } from "../ui/field.tsx";
import { capitalize, formatDuration } from "../ui/format.ts";
import { Muted, Panel, Row } from "../ui/page.tsx";
import { Refusal, RoleNotice } from "../ui/refusal.tsx";
import { type Action, useAction } from "../ui/use-action.ts";
import styles from "./connector.module.css";

/** Discovery and token take 8 s at most, a test signal 30. Milliseconds. */
const PATIENCE_MS = 40_000;

interface Test {
  readonly contactId?: string;
  readonly params?: { readonly p1: string };
}

interface Order {
  readonly connectorId: string;
  readonly test?: Test;
}

/** VerifyAction verifies a connector, and keeps what came of it. */
export interface VerifyAction extends Action<Order> {
  readonly verification: Verification | undefined;
}

/** useVerifyAction is for a page that verifies by itself once something is saved; VerifyView shows what came of it. */
export function useVerifyAction(): VerifyAction {
  const [verification, setVerification] = useState<Verification>();
  const action = useAction<Order, Verification>(({ connectorId, test = {} }) => {
    const path = `/admin/v1/connectors/${encodeURIComponent(connectorId)}/verify`;
    return write({ method: "POST", path, body: test, patienceMs: PATIENCE_MS });
  }, setVerification);
  return { ...action, verification };
}

export function VerifyPanel({ connectorId }: { readonly connectorId: string }) {
  return <VerifyView connectorId={connectorId} action={useVerifyAction()} />;
}

interface VerifyViewProps {
  readonly connectorId: string;
  readonly action: VerifyAction;
}

export function VerifyView({ connectorId, action }: VerifyViewProps) {
  const { canOperate } = usePermissions();
  const { verification } = action;
  if (!canOperate) return <RoleNotice takes="operator" />;
  return (
    <Panel title="Verify">
      <p>Asks CXone for its addresses, an access token and its API, past every cache. No signal is sent.</p>
      <Row>
        <Button look="primary" busy={action.busy} onClick={() => action.run({ connectorId })}>
          {action.busy ? "Asking CXone…" : "Verify"}
        </Button>
        <CopyButton what="command" text={commandOf(["connectors", "verify", connectorId])} />
      </Row>
      {verification !== undefined && <Steps of={verification} />}
      <Refusal of={action} />
      <h3>Test signal</h3>
      <TestSignalForm
        connectorId={connectorId}
        busy={action.busy}
        onTest={(test) => action.run({ connectorId, test })}
      />
    </Panel>
  );
}

interface TestSignalFormProps {
  readonly connectorId: string;
  readonly busy: boolean;
  readonly onTest: (test: Test) => void;
}

function TestSignalForm({ connectorId, busy, onTest }: TestSignalFormProps) {
  const [contactId, setContactId] = useState("");
  const [p1, setP1] = useState("");
  const command = commandOf(["connectors", "verify", connectorId], { "contact-id": contactId, p1 });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    onTest({ contactId, ...(p1 === "" ? {} : { params: { p1 } }) });
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      <TextField
        label="Contact id"
        inputMode="numeric"
        value={contactId}
        onChange={({ target }) => setContactId(target.value)}
        help="One real signal is sent to this contact."
      />
      <TextField label="p1" value={p1} onChange={({ target }) => setP1(target.value)} />
      <Row>
        <Button type="submit" busy={busy} disabled={contactId === ""}>
          Send test signal
        </Button>
        {contactId !== "" && <CopyButton what="command" text={command} />}
      </Row>
    </form>
  );
}

function Steps({ of: { ok, steps, doesNotProve } }: { readonly of: Verification }) {
  return (
    <div role="status">
      <ul className={styles.verified}>
        {steps.map(({ name, ok: good, detail, durationMs }) => (
          <li key={name}>
            {good ? (
              <CircleCheck size={18} className={styles.good} aria-label="good" />
            ) : (
              <CircleX size={18} className={styles.bad} aria-label="not good" />
            )}
            <div>
              <strong>{capitalize(name)}</strong> <Muted>{formatDuration(durationMs)}</Muted>
              <div className={styles.detail}>{detail}</div>
            </div>
          </li>
        ))}
      </ul>
      {ok && doesNotProve.length > 0 && (
        <p className={styles.detail}>What this does not prove: {doesNotProve.join("; ")}.</p>
      )}
    </div>
  );
}
