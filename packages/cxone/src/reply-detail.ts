/** Detail: CXone's own words about a refusal, short and without anything that was entrusted to us. */

import { firstValueOfHeader, type Reply, type ReplyHeaders } from "./http-reply.ts";
import { removeSecrets } from "./secret-redaction.ts";

/** MAX_DETAIL_LENGTH in UTF-16 units: one line of a log or a table. */
const MAX_DETAIL_LENGTH = 200;

/** MAX_TEXT_LENGTH is how much of an answer is searched for secrets; two hundred characters survive. */
const MAX_TEXT_LENGTH = 8_192;

/** The members that CXone's families of API put their words in. */
const MESSAGE_MEMBERS = ["error", "error_description", "errorDescription", "message", "errorMessage"] as const;

/**
 * readRedactedReplyDetail gives what a reply says, redacted of `secrets` in whatever form they were echoed, at most 200
 * characters; undefined when it says nothing.
 */
export function readRedactedReplyDetail(reply: Reply, secrets: readonly string[]): string | undefined {
  const text = reply.kind === "answered" ? answerText(reply) : reply.detail;
  return redactToOneLine(text, secrets) || undefined;
}

/**
 * redactToOneLine removes every secret from `text`, makes it one line and caps it without cutting a character in half.
 * Never throws.
 */
export function redactToOneLine(text: string, secrets: readonly string[]): string {
  const searched = text.slice(0, MAX_TEXT_LENGTH).normalize("NFC");
  const clean = removeSecrets(searched, secrets, { enough: MAX_DETAIL_LENGTH + 1, cut: text.length > MAX_TEXT_LENGTH });
  return capToLength(clean.replace(/[\s\u0000-\u001f\u007f-\u009f]+/gu, " ").trim()).toWellFormed();
}

function capToLength(line: string): string {
  return line.length <= MAX_DETAIL_LENGTH
    ? line
    : `${line.slice(0, MAX_DETAIL_LENGTH - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}

function answerText(reply: Extract<Reply, { kind: "answered" }>): string {
  const words = reply.cut ? [reply.body] : bodyWords(reply.body);
  const described = headerText(reply.headers, "icstatusdescription");
  if (described !== undefined) words.push(described);
  if (reply.status >= 300 && reply.status < 400) words.push(redirectTarget(reply.headers));
  return [...new Set(words.map((word) => word.trim()).filter((word) => word !== ""))].join(": ");
}

function bodyWords(body: string): string[] {
  const json = parseJsonOrUndefined(body);
  if (json === undefined) return [body.replace(/<[^<>]*>/g, " ")];
  if (typeof json === "string") return [json];
  return messagesIn(Array.isArray(json) ? json[0] : json);
}

function messagesIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  const members = value as Readonly<Record<string, unknown>>;
  return MESSAGE_MEMBERS.flatMap((name) => {
    const member = members[name];
    return typeof member === "string" ? [member] : name === "error" ? messagesIn(member) : [];
  });
}

function redirectTarget(headers: ReplyHeaders): string {
  const location = firstValueOfHeader(headers, "location") ?? "";
  return URL.canParse(location) ? `redirected to ${new URL(location).origin}` : "redirected";
}

/** headerText reads a header as UTF-8: Node gives Latin-1, in which no echoed parameter would be recognised. */
function headerText(headers: ReplyHeaders, name: string): string | undefined {
  const value = firstValueOfHeader(headers, name);
  return value === undefined ? undefined : Buffer.from(value, "latin1").toString("utf8");
}

/** parseJsonOrUndefined gives undefined for what is no JSON. */
export function parseJsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
