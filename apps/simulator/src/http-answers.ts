/** Answers of the simulator as values: JSON, errors in CXone's shape, and refusals of its own. */
import type { Settings } from "./cxone-behavior-settings.ts";

/** Answer is a response as a value. The `body` is text, sent as it is. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export function jsonAnswer(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status,
    headers: { "content-type": "application/json; charset=utf-8", ...headers },
    body: JSON.stringify(value),
  };
}

/**
 * cxoneErrorAnswer is an error in the shape that `settings.errorMember` selects; `error` is the short code beside the
 * text.
 */
export function cxoneErrorAnswer(
  settings: Settings,
  status: number,
  { error, text }: { error: string; text: string },
): Answer {
  return jsonAnswer(status, { error, [settings.errorMember]: text });
}

/** simulatorProblemAnswer is a refusal by the simulator itself, not by the CXone that it plays. */
export function simulatorProblemAnswer(
  status: number,
  detail: string,
  errors?: readonly { readonly pointer: string; readonly message: string }[],
): Answer {
  const body = {
    type: "about:blank",
    title: "The simulator refused this",
    status,
    detail,
    ...(errors === undefined ? {} : { errors }),
  };
  return jsonAnswer(status, body, { "content-type": "application/problem+json" });
}
