/** Why an answer of the admin API cannot be shown, and what that means for the callers. */
import { describeError, failureKindOfError } from "../api/request-error.ts";
import { Button } from "../ui/button.tsx";
import { Notice } from "../ui/notice.tsx";

interface RequestErrorNoticeProps {
  readonly error: unknown;
  readonly retry?: () => unknown;
}

/** RequestErrorNotice says what cannot be shown and why, and what that means for the callers. */
export function RequestErrorNotice({ error, retry }: RequestErrorNoticeProps) {
  const { title, text, retried } = describeFailure(error);
  return (
    <Notice tone={retried ? "bad" : "warn"} title={title} role="alert">
      <p>{text}</p>
      {retried && retry !== undefined && (
        <Button small onClick={() => retry()}>
          Try now
        </Button>
      )}
    </Notice>
  );
}

interface FailureDescription {
  readonly title: string;
  readonly text: string;
  /** The page goes on asking. */
  readonly retried: boolean;
}

function describeFailure(error: unknown): FailureDescription {
  const words = describeError(error);
  switch (failureKindOfError(error)) {
    case "admin-gone":
      return {
        title: "Baton's admin process does not answer",
        text: "Handoffs are accepted and sent without it; only this console is blind. It keeps asking.",
        retried: true,
      };
    case "redis-gone":
      return {
        title: "Redis cannot be reached",
        text: "New handoffs are answered 503 until it is back, and nothing is sent. What was accepted is kept. This page keeps asking.",
        retried: true,
      };
    case "forbidden":
      return { title: "Your role does not allow this", text: words, retried: false };
    case "not-found":
      return { title: "Nothing is here", text: words, retried: false };
    case "session-over":
      return { title: "Your session is over", text: "Sign in to go on.", retried: false };
    case "refused":
      return { title: "Baton refused this", text: words, retried: false };
  }
}
