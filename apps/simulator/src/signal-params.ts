/**
 * The parameters of a signal, from the query and the body: NICE documents the one, its own agent SDK uses the other.
 */
import { PARAM_NAMES, type ParamName, type Params, type SeenSignal } from "./signal-store.ts";

/**
 * ReceivedParams is what a request carried. `unreadable`: the body is no JSON object of texts and numbers, or too
 * large.
 */
export type ReceivedParams =
  | {
      readonly kind: "params";
      readonly params: Params;
      readonly seenIn: SeenSignal["seenIn"];
      readonly givenTwice: readonly ParamName[];
    }
  | { readonly kind: "unreadable"; readonly status: 400 | 413 };

/**
 * readSignalParams joins both sources. Of a parameter given twice the first one counts, the query before the body;
 * other names are ignored.
 */
export function readSignalParams(query: string, body: string): ReceivedParams {
  const inBody = body.trim() === "" ? [] : readJsonParams(body);
  if (inBody === undefined) return { kind: "unreadable", status: 400 };
  const params: { [name in ParamName]?: string } = {};
  const seenIn: { [name in ParamName]?: "query" | "body" | "both" } = {};
  const givenTwice = new Set<ParamName>();
  const inQuery = query === "" ? [] : [...new URLSearchParams(query)];
  for (const [source, pairs] of [
    ["query", inQuery],
    ["body", inBody],
  ] as const) {
    for (const [name, value] of pairs) {
      if (!isParamName(name)) continue;
      const before = seenIn[name];
      if (before !== undefined) givenTwice.add(name);
      seenIn[name] = before === undefined || before === source ? source : "both";
      params[name] ??= value;
    }
  }
  return { kind: "params", params, seenIn, givenTwice: [...givenTwice] };
}

function readJsonParams(body: string): readonly (readonly [string, string])[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const members = Object.entries(value).filter(([, member]) => member !== null);
  if (members.some(([, member]) => typeof member === "object")) return undefined;
  return members.map(([name, member]) => [name, String(member)] as const);
}

const KNOWN: ReadonlySet<string> = new Set(PARAM_NAMES);

function isParamName(name: string): name is ParamName {
  return KNOWN.has(name);
}
