/** How many a second a run takes; it can be changed while it runs. */
import { type ReactNode, useState } from "react";
import type { Run } from "../api/answer-types.ts";
import { writeToApi } from "../api/send-api-request.ts";
import { usePermissions } from "../session/session-and-permissions.ts";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { Form, TextField } from "../ui/form-fields.tsx";
import { formatBatonCommand } from "../ui/format-baton-command.ts";
import { formatCount, formatDuration } from "../ui/format-numbers-and-times.ts";
import { useApiAction } from "../ui/use-api-action.ts";
import styles from "./run.module.css";
import { countItemsToCome } from "./run-progress-segments.ts";

const MAX_RATE = 5_000;
const SECOND_MS = 1_000;

interface RunRateControlProps {
  readonly run: Run;
  readonly path: string;
}

export function RunRateControl({ run, path }: RunRateControlProps) {
  const { canOperate } = usePermissions();
  const left = countItemsToCome(run);
  // A run does not say how many of each connector are left: their own rates may make it longer.
  const time = left > 0 ? `, at least ${formatDuration((SECOND_MS * left) / run.ratePerSecond)} to go` : "";
  const words = <p>{`${formatCount(run.ratePerSecond)} a second${time}.`}</p>;
  return canOperate ? (
    <RateForm run={run} path={path}>
      {words}
    </RateForm>
  ) : (
    words
  );
}

function RateForm({ run, path, children }: RunRateControlProps & { readonly children: ReactNode }) {
  const [typed, setTyped] = useState<string>();
  const action = useApiAction(
    (ratePerSecond: number) => writeToApi({ method: "PATCH", path, body: { ratePerSecond } }),
    () => setTyped(undefined),
  );
  const value = typed ?? String(run.ratePerSecond);
  const isRate = Number(value) >= 1 && Number(value) <= MAX_RATE;
  const submit = () => {
    if (isRate) action.run(Number(value));
  };
  return (
    <Form className={styles.rate} onSubmit={submit}>
      <TextField
        label="How many a second"
        inputMode="numeric"
        value={value}
        onChange={({ target }) => setTyped(target.value)}
        error={isRate ? action.refused : `1 to ${formatCount(MAX_RATE)}`}
      />
      <Button type="submit" disabled={!isRate || action.busy || Number(value) === run.ratePerSecond}>
        Change rate
      </Button>
      {isRate && (
        <CopyButton what="rate command" text={formatBatonCommand([`${run.kind}s`, "rate", run.id, value.trim()])} />
      )}
      {children}
    </Form>
  );
}
