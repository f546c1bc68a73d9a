/** Setting a connector up in three steps: whose it is, how CXone is reached, and the token. */
import { useState } from "react";
import { type UseFormReturn, useForm } from "react-hook-form";
import { write } from "../api/request.ts";
import type { ConnectorJson } from "../api/shapes.ts";
import { useMay } from "../session/session.ts";
import { Button, ButtonLink } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy.tsx";
import { Notice } from "../ui/notice.tsx";
import { Page, Panel, Row } from "../ui/page.tsx";
import { Refusal, RoleNotice } from "../ui/refusal.tsx";
import { useAction } from "../ui/use-action.ts";
import { applyCommandOf } from "./apply-command.ts";
import styles from "./connector.module.css";
import { CxoneFields, DeliveryFields, IdentityFields } from "./connector-fields.tsx";
import { bodyOf, type ConnectorForm, EMPTY_FORM, PROJECT_FIELDS, resolveConnector } from "./connector-form.ts";
import { TokenPanel } from "./token-panel.tsx";
import { VerifyPanel } from "./verify-panel.tsx";

const STEPS = ["1. Whose it is", "2. CXone", "3. Token and test"] as const;

export function NewConnectorPage() {
  const { administer } = useMay();
  const [step, setStep] = useState(0);
  const [connector, setConnector] = useState<ConnectorJson>();
  // As one types, not when a field is left: a message that goes away just then would move the button that is pressed.
  const form = useForm<ConnectorForm>({ defaultValues: EMPTY_FORM, resolver: resolveConnector, mode: "onChange" });
  const next = async () => {
    if (await form.trigger(PROJECT_FIELDS)) setStep(1);
  };
  const at = connector === undefined ? step : 2;
  return (
    <Page title={connector?.name ?? "New connector"} sub="It binds one PolyAI project to one CXone business unit.">
      {!administer && <RoleNotice takes="admin" />}
      <StepList at={at} />
      {administer && at === 0 && <ProjectStep form={form} onNext={() => void next()} />}
      {administer && at === 1 && <CxoneStep form={form} onBack={() => setStep(0)} onCreated={setConnector} />}
      {connector !== undefined && <Created connector={connector} />}
    </Page>
  );
}

interface StepProps {
  readonly form: UseFormReturn<ConnectorForm>;
}

function ProjectStep({ form, onNext }: StepProps & { readonly onNext: () => void }) {
  return (
    <Panel title="Whose calls">
      <IdentityFields register={form.register} errors={form.formState.errors} />
      <Row>
        <Button look="primary" onClick={onNext}>
          Next: CXone
        </Button>
      </Row>
    </Panel>
  );
}

interface CxoneStepProps extends StepProps {
  readonly onBack: () => void;
  readonly onCreated: (connector: ConnectorJson) => void;
}

function CxoneStep({ form, onBack, onCreated }: CxoneStepProps) {
  const fields = { register: form.register, errors: form.formState.errors };
  const create = useAction<ConnectorForm, ConnectorJson>(
    (values) => write({ method: "POST", path: "/admin/v1/connectors", body: bodyOf(values) }),
    onCreated,
  );
  return (
    <form className={styles.stack} onSubmit={(event) => void form.handleSubmit(create.run)(event)}>
      <Panel title="How CXone is reached">
        <CxoneFields {...fields} />
      </Panel>
      <Panel title="How handoffs are delivered">
        <DeliveryFields {...fields} />
      </Panel>
      <Refusal of={create} />
      <Row>
        <Button onClick={onBack}>Back</Button>
        <Button type="submit" look="primary" disabled={create.busy}>
          Create the connector
        </Button>
        <CopyButton what="command" text={createCommandOf(form.watch())} />
      </Row>
    </form>
  );
}

function createCommandOf(form: ConnectorForm): string {
  const connector = bodyOf(form);
  return applyCommandOf(connector, connector);
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

function Created({ connector }: { readonly connector: ConnectorJson }) {
  return (
    <div className={styles.beside}>
      <div className={styles.stack}>
        <Notice tone="good" title={`${connector.name} is there`} role="status">
          Verify that CXone takes it, then make a token and give it to the PolyAI project.
        </Notice>
        <TokenPanel connectorId={connector.id} kind="tokens" />
        <Row>
          <ButtonLink to="/connectors/$id" params={{ id: connector.id }}>
            To the connector
          </ButtonLink>
        </Row>
      </div>
      <VerifyPanel connectorId={connector.id} />
    </div>
  );
}
