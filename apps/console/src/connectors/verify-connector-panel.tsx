/** Walking the way to CXone, step by step; with a contact id, one real test signal. */
import { describeVerificationRemedy } from "@baton/api/verification-remedy";
import { CircleCheck, CircleX } from "lucide-react";
import { useState } from "react";
import type { Verification } from "../api/answer-types.ts";
import { writeToApi } from "../api/send-api-request.ts";
import { usePermissions } from "../session/session-and-permissions.ts";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { Form, TextField } from "../ui/form-fields.tsx";
import { formatBatonCommand } from "../ui/format-baton-command.ts";
import { capitalize, formatDuration } from "../ui/format-numbers-and-times.ts";
import { FlexRow, MutedText, Panel } from "../ui/page-layout.tsx";
import { ActionRefusalNotice, RoleTooLowNotice } from "../ui/refusal-notices.tsx";
import { TextWithCommands } from "../ui/text-with-commands.tsx";
import { type ApiAction, useApiAction } from "../ui/use-api-action.ts";
import styles from "./connector.module.css";

/** Discovery and token take 8 s at most, a test signal 30. Milliseconds. */
const TIMEOUT_MS = 40_000;

interface TestSignal {
  readonly contactId?: string;
  readonly params?: { readonly p1: string };
}

interface VerifyRequest {
  readonly connectorId: string;
  readonly test?: TestSignal;
}

/** VerifyAction verifies a connector, and keeps what came of it. */
export interface VerifyAction extends ApiAction<VerifyRequest> {
  readonly verification: Verification | undefined;
}

/**
 * useVerifyConnector also serves a page that verifies once something is saved; VerifyConnectorPanel shows what came of
 * it.
 */
export function useVerifyConnector(): VerifyAction {
  const [verification, setVerification] = useState<Verification>();
  const action = useApiAction<VerifyRequest, Verification>(({ connectorId, test = {} }) => {
    const path = `/admin/v1/connectors/${encodeURIComponent(connectorId)}/verify`;
    return writeToApi({ method: "POST", path, body: test, timeoutMs: TIMEOUT_MS });
  }, setVerification);
  return { ...action, verification };
}

export function VerifyConnectorTab({ connectorId }: { readonly connectorId: string }) {
  return <VerifyConnectorPanel connectorId={connectorId} action={useVerifyConnector()} />;
}

interface VerifyConnectorPanelProps {
  readonly connectorId: string;
  readonly action: VerifyAction;
}

export function VerifyConnectorPanel({ connectorId, action }: VerifyConnectorPanelProps) {
  const { canOperate } = usePermissions();
  const { verification } = action;
  if (!canOperate) return <RoleTooLowNotice takes="operator" />;
  return (
    <Panel title="Verify">
      <p>Asks CXone for its addresses, an access token and its API, past every cache. No signal is sent.</p>
      <FlexRow>
        <Button look="primary" busy={action.busy} onClick={() => action.run({ connectorId })}>
          {action.busy ? "Asking CXone…" : "Verify"}
        </Button>
        <CopyButton what="command" text={formatBatonCommand(["connectors", "verify", connectorId])} />
      </FlexRow>
      {verification !== undefined && <VerificationSteps of={verification} />}
      <ActionRefusalNotice of={action} />
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
  readonly onTest: (test: TestSignal) => void;
}

function TestSignalForm({ connectorId, busy, onTest }: TestSignalFormProps) {
  const [contactId, setContactId] = useState("");
  const [p1, setP1] = useState("");
  const command = formatBatonCommand(["connectors", "verify", connectorId], { "contact-id": contactId, p1 });
  const submit = () => onTest({ contactId, ...(p1 === "" ? {} : { params: { p1 } }) });
  return (
    <Form className={styles.form} onSubmit={submit}>
      <TextField
        label="Contact id"
        inputMode="numeric"
        value={contactId}
        onChange={({ target }) => setContactId(target.value)}
        help="One real signal is sent to this contact."
      />
      <TextField label="p1" value={p1} onChange={({ target }) => setP1(target.value)} />
      <FlexRow>
        <Button type="submit" busy={busy} disabled={contactId === ""}>
          Send test signal
        </Button>
        {contactId !== "" && <CopyButton what="command" text={command} />}
      </FlexRow>
    </Form>
  );
}

function VerificationSteps({ of: { ok, steps, doesNotProve } }: { readonly of: Verification }) {
  return (
    <div role="status">
      <ul className={styles.verified}>
        {steps.map((step) => (
          <li key={step.name}>
            {step.ok ? (
              <CircleCheck size={18} className={styles.good} aria-label="good" />
            ) : (
              <CircleX size={18} className={styles.bad} aria-label="not good" />
            )}
            <div>
              <strong>{capitalize(step.name)}</strong> <MutedText>{formatDuration(step.durationMs)}</MutedText>
              <div className={styles.detail}>{step.detail}</div>
              <StepRemedy of={step} />
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

function StepRemedy({ of: step }: { readonly of: Verification["steps"][number] }) {
  const remedy = describeVerificationRemedy(step);
  return remedy === undefined ? null : (
    <p>
      <strong>What to do:</strong> <TextWithCommands text={remedy} />
    </p>
  );
}
