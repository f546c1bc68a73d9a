/** Setting a connector up in three steps: whose it is, how CXone is reached, and the token. */
import { useState } from "react";
import { type UseFormReturn, useForm } from "react-hook-form";
import type { ConnectorBody, ConnectorJson } from "../api/answer-types.ts";
import { writeToApi } from "../api/send-api-request.ts";
import { usePermissions } from "../session/session-and-permissions.ts";
import { Button, ButtonLink } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { Notice } from "../ui/notice.tsx";
import { FlexRow, Page, Panel } from "../ui/page-layout.tsx";
import { ActionRefusalNotice, RoleTooLowNotice } from "../ui/refusal-notices.tsx";
import { useApiAction } from "../ui/use-api-action.ts";
import styles from "./connector.module.css";
import { ConnectorTokensPanel } from "./connector-tokens-panel.tsx";
import { formatConnectorsApplyCliCommand } from "./connectors-apply-cli-command.ts";
import { CxoneAccessFields, DeadlineAndRateFields, NameAndProjectFields } from "./new-connector-fields.tsx";
import {
  EMPTY_FORM,
  type NewConnectorForm,
  newConnectorResolver,
  PROJECT_FIELDS,
  toConnectorBody,
} from "./new-connector-form-values.ts";
import { useVerifyConnector, VerifyConnectorPanel } from "./verify-connector-panel.tsx";

const STEPS = ["1. Whose it is", "2. CXone", "3. Token and test"] as const;

export function NewConnectorPage() {
  const { canAdminister } = usePermissions();
  const [step, setStep] = useState(0);
  const [connector, setConnector] = useState<ConnectorJson>();
  const verify = useVerifyConnector();
  // As one types, not when a field is left: a message that goes away just then would move the button that is pressed.
  const form = useForm<NewConnectorForm>({
    defaultValues: EMPTY_FORM,
    resolver: newConnectorResolver,
    mode: "onChange",
  });
  const next = async () => {
    if (await form.trigger(PROJECT_FIELDS)) setStep(1);
  };
  const saved = (known: ConnectorJson) => {
    setConnector(known);
    verify.run({ connectorId: known.id });
  };
  const cxone = { form, connector, onBack: () => setStep(0), onSaved: saved, onNext: () => setStep(2) };
  return (
    <Page title={connector?.name ?? "New connector"} sub="It binds one PolyAI project to one CXone business unit.">
      {!canAdminister && <RoleTooLowNotice takes="admin" />}
      <StepList at={step} />
      {canAdminister && (
        <div className={styles.beside}>
          <div className={styles.stack}>
            {step === 0 && <ProjectStep form={form} onNext={() => void next()} />}
            {step === 1 && <CxoneStep {...cxone} />}
            {step === 2 && connector !== undefined && <TokenStep connector={connector} onBack={() => setStep(1)} />}
          </div>
          {connector === undefined ? (
            <VerifyPlaceholder />
          ) : (
            <VerifyConnectorPanel connectorId={connector.id} action={verify} />
          )}
        </div>
      )}
    </Page>
  );
}

/** VerifyPlaceholder stands where CXone cannot be asked yet. */
function VerifyPlaceholder() {
  return (
    <Panel title="Verify">
      <p>CXone is asked as soon as its keys are entered, in step 2, and again whenever you like.</p>
      <p>No call reaches the connector before it has a token, in step 3.</p>
    </Panel>
  );
}

interface StepProps {
  readonly form: UseFormReturn<NewConnectorForm>;
}

function ProjectStep({ form, onNext }: StepProps & { readonly onNext: () => void }) {
  return (
    <Panel title="Whose calls">
      <NameAndProjectFields register={form.register} errors={form.formState.errors} />
      <FlexRow>
        <Button look="primary" onClick={onNext}>
          Next: CXone
        </Button>
      </FlexRow>
    </Panel>
  );
}

interface CxoneStepProps extends StepProps {
  /** Undefined until it was saved the first time. */
  readonly connector: ConnectorJson | undefined;
  readonly onBack: () => void;
  readonly onSaved: (connector: ConnectorJson) => void;
  readonly onNext: () => void;
}

/** CxoneStep saves the connector and has it verified: what CXone refuses is corrected here, before the first call. */
function CxoneStep({ form, connector, onBack, onSaved, onNext }: CxoneStepProps) {
  const { errors, isDirty } = form.formState;
  const fields = { register: form.register, errors };
  const save = useApiAction<NewConnectorForm, ConnectorJson>(async (values) => {
    const saved = await writeToApi<ConnectorJson>(toSaveRequest(connector, toConnectorBody(values)));
    form.reset(values);
    return saved;
  }, onSaved);
  return (
    <form className={styles.stack} onSubmit={(event) => void form.handleSubmit(save.run)(event)}>
      {connector !== undefined && (
        <Notice tone="good" title={`${connector.name} is there`} role="status">
          No call reaches it yet: it has no token. See beside whether CXone takes its keys.
        </Notice>
      )}
      <Panel title="How CXone is reached">
        <CxoneAccessFields {...fields} />
      </Panel>
      <Panel title="How handoffs are delivered">
        <DeadlineAndRateFields {...fields} />
      </Panel>
      <ActionRefusalNotice of={save} />
      <FlexRow>
        <Button onClick={onBack}>Back</Button>
        <Button type="submit" look={connector === undefined || isDirty ? "primary" : "plain"} busy={save.busy}>
          {connector === undefined ? "Create and verify" : "Save and verify"}
        </Button>
        {connector !== undefined && !isDirty && (
          <Button look="primary" onClick={onNext}>
            Next: token
          </Button>
        )}
        <CopyButton what="command" text={formatCreateCommand(form.watch())} />
      </FlexRow>
    </form>
  );
}

function formatCreateCommand(form: NewConnectorForm): string {
  const connector = toConnectorBody(form);
  return formatConnectorsApplyCliCommand(connector, connector);
}

/** toSaveRequest creates a connector, or changes it once it is there: what was emptied since is then removed. */
function toSaveRequest(connector: ConnectorJson | undefined, body: ConnectorBody) {
  if (connector === undefined) return { method: "POST", path: "/admin/v1/connectors", body } as const;
  const path = `/admin/v1/connectors/${encodeURIComponent(connector.id)}`;
  return { method: "PATCH", path, body: { ...body, businessUnit: body.businessUnit ?? null } } as const;
}

function StepList({ at }: { readonly at: number }) {
  return (
    <ol className={styles.steps} aria-label="Steps">
      {STEPS.map((words, index) => (
        <li key={words} aria-current={index === at ? "step" : undefined}>
          {words}
        </li>
      ))}
    </ol>
  );
}

interface TokenStepProps {
  readonly connector: ConnectorJson;
  readonly onBack: () => void;
}

function TokenStep({ connector, onBack }: TokenStepProps) {
  return (
    <>
      <Notice tone="plain" title="From its first token on, calls reach it">
        Make a token and give it to the PolyAI project.
      </Notice>
      <ConnectorTokensPanel connectorId={connector.id} kind="tokens" />
      <FlexRow>
        <Button onClick={onBack}>Back</Button>
        <ButtonLink to="/connectors/$id" params={{ id: connector.id }}>
          To the connector
        </ButtonLink>
      </FlexRow>
    </>
  );
}
