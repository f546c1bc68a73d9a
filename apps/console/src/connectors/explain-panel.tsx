/** What Baton would do about an answer of CXone's. Nothing is sent; the question stands in the address. */
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, type SubmitEvent, useState } from "react";
import { wordsOf } from "../api/problem.ts";
import { write } from "../api/request.ts";
import type { Explanation } from "../api/shapes.ts";
import { type ExplainSearch, UNANSWERED } from "../search-params.ts";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy.tsx";
import { OptionsField, TextField } from "../ui/field.tsx";
import { capitalize } from "../ui/format.ts";
import { Instant } from "../ui/instant.tsx";
import { Notice } from "../ui/notice.tsx";
import { Panel, Row } from "../ui/page.tsx";
import styles from "./connector.module.css";
import { explainBodyOf, explainCommandOf, type PolicyConnector } from "./explain-question.ts";

const PATH = "/admin/v1/explain";
const SECOND_MS = 1_000;

interface ExplainPanelProps {
  readonly connector: PolicyConnector;
  readonly search: ExplainSearch;
}

export function ExplainPanel({ connector, search }: ExplainPanelProps) {
  const body = explainBodyOf(connector, search);
  const { data, error } = useQuery<Explanation>({
    queryKey: [PATH, body],
    queryFn: () => write<Explanation>({ method: "POST", path: PATH, body }),
    enabled: body !== undefined,
    retry: false,
    refetchOnWindowFocus: false,
  });
  return (
    <Panel title="What would Baton do?">
      <p>By this connector's delivery policy, as it is now. Nothing is sent.</p>
      <ExplainForm key={JSON.stringify(search)} connector={connector} search={search} />
      {error !== null && <Notice tone="bad" title={wordsOf(error)} role="alert" />}
      {error === null && data !== undefined && (
        <>
          <ExplanationView of={data} />
          <Row>
            <CopyButton what="link" text={window.location.href} />
            <CopyButton what="command" text={explainCommandOf(connector, search)} />
          </Row>
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

const HAPPENS: Readonly<Record<FormValues["unanswered"], string>> = {
  "": "CXone answers",
  unreachable: "no connection: nothing is sent",
  timeout: "no answer in time",
  reset: "the connection breaks",
};

function typedOf({ connector, search }: ExplainPanelProps): FormValues {
  return {
    status: search.status ?? "503",
    retryAfter: search.retryAfter ?? "",
    unanswered: search.unanswered ?? "",
    attempt: search.attempt ?? "1",
    left: search.left ?? String(connector.delivery.deadlineMs / SECOND_MS),
  };
}

/** questionOf is what was typed, as the address has it. */
function questionOf(typed: FormValues) {
  return { tab: "explain", ...answerOf(typed), attempt: typed.attempt.trim(), left: typed.left.trim() } as const;
}

function ExplainForm({ connector, search }: ExplainPanelProps) {
  const navigate = useNavigate();
  const [typed, setTyped] = useState(typedOf({ connector, search }));
  const set = (change: Partial<FormValues>) => setTyped({ ...typed, ...change });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const params = { id: connector.id };
    void navigate({ to: "/connectors/$id", params, search: questionOf(typed), resetScroll: false });
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      <div className={styles.pair}>
        <OptionsField
          label="What happens"
          options={Object.entries(HAPPENS)}
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
    </form>
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

function answerOf({ status, retryAfter, unanswered }: FormValues): ExplainSearch {
  if (unanswered !== "") return { unanswered };
  return { status: status.trim(), ...(retryAfter.trim() === "" ? {} : { retryAfter: retryAfter.trim() }) };
}

/** What stands between backticks are words of the API; instants are shown by the local clock. */
function withCode(sentence: string): readonly ReactNode[] {
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
          <li key={sentence}>{withCode(sentence)}</li>
        ))}
      </ul>
    </div>
  );
}
