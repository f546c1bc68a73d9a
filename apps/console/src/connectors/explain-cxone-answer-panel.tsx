/** What Baton would do about an answer of CXone's. Nothing is sent; the question stands in the address. */
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import type { Explanation } from "../api/answer-types.ts";
import { describeError } from "../api/request-error.ts";
import { writeToApi } from "../api/send-api-request.ts";
import { type ExplainSearch, UNANSWERED } from "../page-search-params.ts";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { Form, OptionsSelectField, TextField } from "../ui/form-fields.tsx";
import { capitalize } from "../ui/format-numbers-and-times.ts";
import { Instant } from "../ui/instant.tsx";
import { Notice } from "../ui/notice.tsx";
import { FlexRow, Panel } from "../ui/page-layout.tsx";
import styles from "./connector.module.css";
import {
  type ExplainedConnector,
  formatExplainCxoneAnswerCommand,
  toExplainRequestBody,
} from "./explain-cxone-answer-request.ts";

const PATH = "/admin/v1/explain";
const SECOND_MS = 1_000;

interface ExplainCxoneAnswerPanelProps {
  readonly connector: ExplainedConnector;
  readonly search: ExplainSearch;
}

export function ExplainCxoneAnswerPanel({ connector, search }: ExplainCxoneAnswerPanelProps) {
  const body = toExplainRequestBody(connector, search);
  const { data, error } = useQuery<Explanation>({
    queryKey: [PATH, body],
    queryFn: () => writeToApi<Explanation>({ method: "POST", path: PATH, body }),
    enabled: body !== undefined,
    retry: false,
    refetchOnWindowFocus: false,
  });
  return (
    <Panel title="What would Baton do?">
      <p>By this connector's delivery policy, as it is now. Nothing is sent.</p>
      <ExplainForm key={JSON.stringify(search)} connector={connector} search={search} />
      {error !== null && <Notice tone="bad" title={describeError(error)} role="alert" />}
      {error === null && data !== undefined && (
        <>
          <ExplanationView of={data} />
          <FlexRow>
            <CopyButton what="link" text={window.location.href} />
            <CopyButton what="command" text={formatExplainCxoneAnswerCommand(connector, search)} />
          </FlexRow>
        </>
      )}
    </Panel>
  );
}

/** What is typed, each as text; `unanswered` is empty where CXone gives an answer. */
interface FormValues {
  readonly status: string;
  readonly retryAfter: string;
  readonly unanswered: "" | (typeof UNANSWERED)[number];
  readonly attempt: string;
  readonly left: string;
}

const ANSWER_WORDS: Readonly<Record<FormValues["unanswered"], string>> = {
  "": "CXone answers",
  unreachable: "no connection: nothing is sent",
  timeout: "no answer in time",
  reset: "the connection breaks",
};

function initialFormValues({ connector, search }: ExplainCxoneAnswerPanelProps): FormValues {
  return {
    status: search.status ?? "503",
    retryAfter: search.retryAfter ?? "",
    unanswered: search.unanswered ?? "",
    attempt: search.attempt ?? "1",
    left: search.left ?? String(connector.delivery.deadlineMs / SECOND_MS),
  };
}

/** toExplainSearch gives what was typed, as the address has it. */
function toExplainSearch(typed: FormValues) {
  return { tab: "explain", ...toAnswerSearch(typed), attempt: typed.attempt.trim(), left: typed.left.trim() } as const;
}

function ExplainForm({ connector, search }: ExplainCxoneAnswerPanelProps) {
  const navigate = useNavigate();
  const [typed, setTyped] = useState(initialFormValues({ connector, search }));
  const set = (change: Partial<FormValues>) => setTyped({ ...typed, ...change });
  const submit = () => {
    const params = { id: connector.id };
    void navigate({ to: "/connectors/$id", params, search: toExplainSearch(typed), resetScroll: false });
  };
  return (
    <Form className={styles.form} onSubmit={submit}>
      <div className={styles.pair}>
        <OptionsSelectField
          label="What happens"
          options={Object.entries(ANSWER_WORDS)}
          value={typed.unanswered}
          onChange={({ target }) => set({ unanswered: UNANSWERED.find((way) => way === target.value) ?? "" })}
        />
        {typed.unanswered === "" && <AnswerFields typed={typed} set={set} />}
        <AttemptFields typed={typed} set={set} />
      </div>
      <div>
        <Button type="submit" look="primary">
          Explain
        </Button>
      </div>
    </Form>
  );
}

interface FieldsProps {
  readonly typed: FormValues;
  readonly set: (change: Partial<FormValues>) => void;
}

function AttemptFields({ typed, set }: FieldsProps) {
  return (
    <>
      <TextField
        label="Which attempt"
        inputMode="numeric"
        value={typed.attempt}
        onChange={({ target }) => set({ attempt: target.value })}
      />
      <TextField
        label="Seconds left before the deadline"
        inputMode="numeric"
        value={typed.left}
        onChange={({ target }) => set({ left: target.value })}
      />
    </>
  );
}

function AnswerFields({ typed, set }: FieldsProps) {
  return (
    <>
      <TextField
        label="Status"
        inputMode="numeric"
        value={typed.status}
        onChange={({ target }) => set({ status: target.value })}
      />
      <TextField
        label="Retry-After"
        value={typed.retryAfter}
        onChange={({ target }) => set({ retryAfter: target.value })}
        help="Seconds, or a date; empty for none."
      />
    </>
  );
}

function toAnswerSearch({ status, retryAfter, unanswered }: FormValues): ExplainSearch {
  if (unanswered !== "") return { unanswered };
  return { status: status.trim(), ...(retryAfter.trim() === "" ? {} : { retryAfter: retryAfter.trim() }) };
}

/** What stands between backticks are words of the API; instants are shown by the local clock. */
function renderCodeAndInstants(sentence: string): readonly ReactNode[] {
  return sentence.split(/(`[^`]*`|\d{4}-\d\d-\d\dT[\d:.]+Z)/).map((part, index) => {
    if (index % 2 === 0) return part;
    return part.startsWith("`") ? (
      <code key={part}>{part.slice(1, -1)}</code>
    ) : (
      <Instant key={part} at={part} as="clock" />
    );
  });
}

function ExplanationView({ of: { outcome, text } }: { readonly of: Explanation }) {
  return (
    <div role="status">
      <h3>{capitalize(outcome)}</h3>
      <ul className={styles.explained}>
        {text.map((sentence) => (
          <li key={sentence}>{renderCodeAndInstants(sentence)}</li>
        ))}
      </ul>
    </div>
  );
}
