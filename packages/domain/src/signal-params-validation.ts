/** Which contact ids and parameters Baton hands to CXone. Nothing is ever truncated: it fits, or it is refused. */
import { PARAM_NAMES, type Params } from "./connector.ts";
import type { ValidationIssue } from "./refusal.ts";

/** CONTACT_ID: CXone's contact ids are numbers beyond JavaScript's; they stay strings. */
export const CONTACT_ID = /^[0-9]{1,19}$/;

/** MAX_QUERY_LENGTH in characters, percent-encoded: CXone publishes no limit, proxies commonly cut at 2,048. */
export const MAX_QUERY_LENGTH = 2_000;

/** MAX_ENCODED_LENGTH in characters of one UTF-16 unit, percent-encoded: three bytes of UTF-8. */
const MAX_ENCODED_LENGTH = 9;

// C0, DEL and C1: none of them can be meant, and some end a header or a log line.
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/u;

/** checkSignalParams lists what is wrong with `params`; pointers start at `/params`. Sizes are bytes in UTF-8. */
export function checkSignalParams(params: Params, maxParamBytes: number): readonly ValidationIssue[] {
  const issues: ValidationIssue[] = [];
  let longest = 0;
  for (const name of PARAM_NAMES) {
    const value = params[name];
    if (value === undefined) continue;
    const message = describeIssueWith(value, maxParamBytes);
    if (message !== undefined) issues.push({ pointer: `/params/${name}`, message });
    longest += `&${name}=`.length + value.length * MAX_ENCODED_LENGTH;
  }
  if (issues.length > 0 || longest <= MAX_QUERY_LENGTH) return issues;
  const length = encodeParamsAsQuery(params).length;
  if (length <= MAX_QUERY_LENGTH) return [];
  return [
    {
      pointer: "/params",
      message: `the encoded parameters take ${length} characters; at most ${MAX_QUERY_LENGTH} fit`,
    },
  ];
}

/** encodeParamsAsQuery writes parameters as CXone's query string, in the order p1 to p9, without the leading `?`. */
export function encodeParamsAsQuery(params: Params): string {
  let query = "";
  for (const name of PARAM_NAMES) {
    const value = params[name];
    if (value !== undefined) query += `${query === "" ? "" : "&"}${name}=${encodeURIComponent(value)}`;
  }
  return query;
}

function describeIssueWith(value: string, maxBytes: number): string | undefined {
  if (!value.isWellFormed()) return "contains a lone surrogate; send well-formed Unicode";
  if (CONTROL.test(value)) return "contains a control character";
  // No character takes more than three bytes for each of its UTF-16 units.
  if (value.length * 3 <= maxBytes) return undefined;
  const bytes = utf8Length(value);
  return bytes > maxBytes ? `takes ${bytes} bytes in UTF-8; this connector allows ${maxBytes}` : undefined;
}

function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
