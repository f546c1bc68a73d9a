/** Detail: CXone's own words about a refusal, short and without anything that was entrusted to us. */
import type { IncomingHttpHeaders } from "node:http";
import type { Reply } from "./http.ts";

/** MAX_DETAIL_LENGTH in UTF-16 units: one line of a log or a table. */
const MAX_DETAIL_LENGTH = 200;

/** MAX_TEXT_LENGTH is how much of an answer is searched for secrets; two hundred characters survive. */
const MAX_TEXT_LENGTH = 8_192;

/** WORD_LENGTH: values shorter than this are removed only where they stand alone; else a `1` would riddle every status. */
const WORD_LENGTH = 4;

const REDACTED = "[redacted]";

/** The members that CXone's families of API put their words in: cxone.md A1 and A3. */
const MESSAGE_MEMBERS = ["error", "error_description", "errorDescription", "message", "errorMessage"] as const;

/**
 * readDetail gives what a reply says, redacted of `secrets` in whatever form they were echoed, at most 200 characters;
 * undefined when it says nothing.
 */
export function readDetail(reply: Reply, secrets: readonly string[]): string | undefined {
  const text = reply.kind === "answered" ? answerText(reply) : reply.detail;
  return redact(text, secrets) || undefined;
}

/** redact removes every secret from `text`, makes it one line and caps it without cutting a character in half. */
export function redact(text: string, secrets: readonly string[]): string {
  const variants = secrets.flatMap(echoes);
  const whole = text.length <= MAX_TEXT_LENGTH;
  const clean = removeAll(text.slice(0, MAX_TEXT_LENGTH).normalize("NFC"), variants);
  // The cut may have gone through a secret, whose head no pattern knows: drop as much as the longest could have left.
  const safe = whole ? clean : clean.slice(0, Math.max(0, clean.length - Math.max(0, ...variants.map((variant) => variant.length))));
  const line = safe.replace(/[\s\u0000-\u001f\u007f-\u009f\u2028\u2029]+/gu, " ").trim();
  return line.length <= MAX_DETAIL_LENGTH
    ? line.toWellFormed()
    : `${line.slice(0, MAX_DETAIL_LENGTH - 1).replace(/[\ud800-\udbff]$/, "")}…`.toWellFormed();
}

function answerText(reply: Extract<Reply, { kind: "answered" }>): string {
  const words = reply.cut ? [reply.body] : bodyWords(reply.body);
  const described = headerText(reply.headers, "icstatusdescription");
  if (described !== undefined) words.push(described);
  if (reply.status >= 300 && reply.status < 400) words.push(redirectTarget(reply.headers));
  return [...new Set(words.map((word) => word.trim()).filter((word) => word !== ""))].join(": ");
}

function bodyWords(body: string): string[] {
  const json = parseJson(body);
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

function redirectTarget(headers: IncomingHttpHeaders): string {
  const location = headers.location ?? "";
  return URL.canParse(location) ? `redirected to ${new URL(location).origin}` : "redirected";
}

/** headerText reads a header as UTF-8: Node gives Latin-1, in which no echoed parameter would be recognised. */
function headerText(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === "string" ? Buffer.from(value, "latin1").toString("utf8") : undefined;
}

/** parseJson gives undefined for what is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** echoes lists the forms in which a value may come back: plain, in a URL, a form, JSON, HTML, base64. */
function echoes(secret: string): string[] {
  const plain = secret.normalize("NFC");
  if (plain === "") return [];
  const encoded = encodeURIComponent(secret.toWellFormed());
  const json = JSON.stringify(secret).slice(1, -1);
  const bytes = Buffer.from(secret);
  return [
    plain,
    encoded,
    encoded.replaceAll("%20", "+"),
    encodeURIComponent(encoded),
    json,
    json.replaceAll("/", "\\/"),
    json.replace(/[^\u0020-\u007e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`),
    plain.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;").replaceAll("'", "&#39;"),
    bytes.toString("base64").replace(/=+$/, ""),
    bytes.toString("base64url"),
  ];
}

function removeAll(text: string, variants: readonly string[]): string {
  // The longest first, so that a value which contains another goes as a whole.
  const patterns = [...new Set(variants)].sort((a, b) => b.length - a.length).map(patternOf);
  return patterns.length === 0 ? text : text.replace(new RegExp(patterns.join("|"), "giu"), REDACTED);
}

function patternOf(variant: string): string {
  const escaped = variant.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&").replace(/\s+/g, "\\s+");
  return variant.length >= WORD_LENGTH ? escaped : `(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])`;
}
