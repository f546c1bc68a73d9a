/** A connector's settings, and its credentials, which go in and never come out. */
import { type UseFormRegister, useForm } from "react-hook-form";
import type { ConnectorJson } from "../api/answer-types.ts";
import { writeToApi } from "../api/send-api-request.ts";
import { usePermissions } from "../session/session-and-permissions.ts";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { CheckboxField, type Option, OptionsSelectField, TextField } from "../ui/form-fields.tsx";
import { Notice } from "../ui/notice.tsx";
import { FlexRow, Panel } from "../ui/page-layout.tsx";
import { ActionRefusalNotice, RoleTooLowNotice } from "../ui/refusal-notices.tsx";
import { useApiAction } from "../ui/use-api-action.ts";
import styles from "./connector.module.css";
import { formatConnectorsApplyCliCommand } from "./connectors-apply-cli-command.ts";
import { useVerifyConnector, VerifyConnectorPanel } from "./verify-connector-panel.tsx";

const SECOND_MS = 1_000;

interface Settings {
  name: string;
  businessUnit: string;
  pseudoNumbers: string;
  enabled: boolean;
  guarantee: ConnectorJson["delivery"]["guarantee"];
  deadlineSeconds: string;
  maxAttempts: string;
  attemptTimeoutMs: string;
  isLimited: boolean;
  perSecond: string;
  burst: string;
}

interface ConnectorSettingsFormProps {
  readonly connector: ConnectorJson;
}

export function ConnectorSettingsForm({ connector }: ConnectorSettingsFormProps) {
  const { canAdminister } = usePermissions();
  const verify = useVerifyConnector();
  if (!canAdminister) return <RoleTooLowNotice takes="admin" title="Your role does not allow changes" />;
  return (
    <div className={styles.beside}>
      <div className={styles.stack}>
        <SettingsPanel connector={connector} />
        <CredentialsPanel connector={connector} onReplaced={() => verify.run({ connectorId: connector.id })} />
      </div>
      <VerifyConnectorPanel connectorId={connector.id} action={verify} />
    </div>
  );
}

function SettingsPanel({ connector }: ConnectorSettingsFormProps) {
  const { register, handleSubmit, watch, reset, formState } = useForm<Settings>({
    defaultValues: toFormSettings(connector),
  });
  const { isDirty, isSubmitSuccessful, defaultValues } = formState;
  const path = `/admin/v1/connectors/${encodeURIComponent(connector.id)}`;
  const action = useApiAction(
    (settings: Settings) => writeToApi({ method: "PATCH", path, body: toConnectorPatch(settings, defaultValues) }),
    // What is there now is what was saved: only a change of it is one.
    () => reset(watch(), { keepIsSubmitSuccessful: true }),
  );
  const isSaved = isSubmitSuccessful && !isDirty && !action.busy && action.refused === undefined;
  return (
    <Panel title="Settings" note="hold on all processes within 2 s">
      <form className={styles.form} onSubmit={(event) => void handleSubmit(action.run)(event)}>
        <div className={styles.pair}>
          <TextField label="Name" {...register("name")} />
          <TextField label="CXone business unit" {...register("businessUnit")} />
          <TextField label="Pseudo numbers" {...register("pseudoNumbers")} help="With commas between them." />
          <AttemptFields register={register} />
        </div>
        <RateFields register={register} isLimited={watch("isLimited")} />
        <CheckboxField label="Accept handoffs" {...register("enabled")} help="Off: its handoffs are refused (403)." />
        <ActionRefusalNotice of={action} />
        {isSaved && <Notice tone="good" title="Saved" role="status" />}
        <FlexRow>
          <Button type="submit" look="primary" busy={action.busy}>
            Save
          </Button>
          <CopyButton
            what="settings command"
            text={formatConnectorsApplyCliCommand(connector, toConnectorPatch(watch(), defaultValues))}
          />
        </FlexRow>
      </form>
    </Panel>
  );
}

interface FieldsProps {
  readonly register: UseFormRegister<Settings>;
}

const GUARANTEES: readonly Option[] = [
  ["at-least-once", "at-least-once: try again"],
  ["at-most-once", "at-most-once: never risk a second signal"],
];

function AttemptFields({ register }: FieldsProps) {
  return (
    <>
      <OptionsSelectField
        label="Guarantee"
        options={GUARANTEES}
        {...register("guarantee")}
        help="What follows when it is not known whether CXone took a signal."
      />
      <TextField
        label="Deadline, seconds"
        inputMode="numeric"
        {...register("deadlineSeconds")}
        help="How long a caller waits. Baton tries until then."
      />
      <TextField label="Attempts at most" inputMode="numeric" {...register("maxAttempts")} />
      <TextField
        label="One attempt, milliseconds"
        inputMode="numeric"
        {...register("attemptTimeoutMs")}
        help="Then it counts as without a trustworthy answer."
      />
    </>
  );
}

function RateFields({ register, isLimited }: FieldsProps & { readonly isLimited: boolean }) {
  return (
    <>
      <CheckboxField
        label="Limit the rate"
        {...register("isLimited")}
        help="Without a limit there is no promise to the connector's neighbours."
      />
      {isLimited && (
        <div className={styles.pair}>
          <TextField label="Signals a second" inputMode="numeric" {...register("perSecond")} />
          <TextField label="Signals at once" inputMode="numeric" {...register("burst")} />
        </div>
      )}
    </>
  );
}

function toFormSettings({ name, businessUnit, pseudoNumbers, enabled, delivery }: ConnectorJson): Settings {
  return {
    name,
    businessUnit: businessUnit ?? "",
    pseudoNumbers: pseudoNumbers.join(", "),
    enabled,
    guarantee: delivery.guarantee,
    deadlineSeconds: String(delivery.deadlineMs / SECOND_MS),
    maxAttempts: String(delivery.maxAttempts),
    attemptTimeoutMs: String(delivery.attemptTimeoutMs),
    isLimited: delivery.rate !== null,
    perSecond: String(delivery.rate?.perSecond ?? 20),
    burst: String(delivery.rate?.burst ?? 40),
  };
}

/** toConnectorPatch has only what the form changed: what another admin changed meanwhile stays. */
function toConnectorPatch(settings: Settings, before: Partial<Settings> | undefined) {
  const { delivery, ...own } = toConnectorValues(settings);
  const was = before === undefined ? undefined : toConnectorValues({ ...settings, ...before });
  const changed = changedFields(delivery, was?.delivery);
  return { ...changedFields(own, was), ...(Object.keys(changed).length === 0 ? {} : { delivery: changed }) };
}

function changedFields<T extends object>(values: T, before: Partial<T> | undefined): Partial<T> {
  const was: Readonly<Record<string, unknown>> = { ...before };
  const isChanged = ([name, value]: [string, unknown]) => JSON.stringify(value) !== JSON.stringify(was[name]);
  return Object.fromEntries(Object.entries(values).filter(isChanged)) as Partial<T>;
}

function toConnectorValues(settings: Settings) {
  const numbers = settings.pseudoNumbers.split(",").map((number) => number.trim());
  return {
    name: settings.name.trim(),
    businessUnit: settings.businessUnit.trim() === "" ? null : settings.businessUnit.trim(),
    pseudoNumbers: numbers.filter((number) => number !== ""),
    enabled: settings.enabled,
    delivery: {
      guarantee: settings.guarantee,
      deadlineMs: Number(settings.deadlineSeconds) * SECOND_MS,
      maxAttempts: Number(settings.maxAttempts),
      attemptTimeoutMs: Number(settings.attemptTimeoutMs),
      rate: settings.isLimited ? { perSecond: Number(settings.perSecond), burst: Number(settings.burst) } : null,
    },
  };
}

interface Credentials {
  clientId: string;
  clientSecret: string;
  accessKeyId: string;
  accessKeySecret: string;
}

const NO_CREDENTIALS: Credentials = { clientId: "", clientSecret: "", accessKeyId: "", accessKeySecret: "" };

interface CredentialsPanelProps extends ConnectorSettingsFormProps {
  readonly onReplaced: () => void;
}

function CredentialsPanel({ connector, onReplaced }: CredentialsPanelProps) {
  const { register, handleSubmit, reset, watch } = useForm<Credentials>({ defaultValues: NO_CREDENTIALS });
  const path = `/admin/v1/connectors/${encodeURIComponent(connector.id)}`;
  const action = useApiAction(
    (credentials: Credentials) =>
      writeToApi({ method: "PATCH", path, body: { credentials: filledCredentials(credentials) } }),
    () => {
      reset(NO_CREDENTIALS);
      onReplaced();
    },
  );
  return (
    <Panel title="Credentials" note="sealed; never shown again">
      <form className={styles.form} onSubmit={(event) => void handleSubmit(action.run)(event)}>
        <p>What is left empty stays as it is. CXone is asked at once whether it takes the new ones.</p>
        <CredentialFields register={register} />
        <ActionRefusalNotice of={action} />
        <FlexRow>
          <Button type="submit" busy={action.busy}>
            Replace credentials
          </Button>
          <CopyButton
            what="credentials command"
            text={formatConnectorsApplyCliCommand(connector, { credentials: filledCredentials(watch()) })}
          />
        </FlexRow>
      </form>
    </Panel>
  );
}

function CredentialFields({ register }: { readonly register: UseFormRegister<Credentials> }) {
  return (
    <div className={styles.pair}>
      <TextField label="Client id" {...register("clientId")} />
      <TextField label="Client secret" type="password" autoComplete="new-password" {...register("clientSecret")} />
      <TextField label="Access key id" {...register("accessKeyId")} />
      <TextField
        label="Access key secret"
        type="password"
        autoComplete="new-password"
        {...register("accessKeySecret")}
      />
    </div>
  );
}

function filledCredentials(credentials: Credentials): Partial<Credentials> {
  return Object.fromEntries(Object.entries(credentials).filter(([, value]) => value !== ""));
}
