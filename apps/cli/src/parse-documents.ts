/** YAML and JSON as people write connectors in them. */
import { type Document, isPair, isScalar, LineCounter, parseAllDocuments, visit } from "yaml";
import { Misuse } from "./exit-code.ts";

/**
 * parseDocuments reads JSON, or YAML 1.2 with any number of documents, anchors and merge keys; `file` is how messages
 * name it. Outside `delivery` no member of a connector is a number, so what looks like one there is taken as it is
 * written: `businessUnit: 0045`, `- +15550100100`. Throws Misuse with line and column; what stands there may be a
 * secret, and is not repeated.
 */
export function parseDocuments(text: string, file: string): readonly unknown[] {
  const json = parseJson(text);
  if (json !== undefined) return [json];
  const lines = new LineCounter();
  // Without documents it gives an empty list with a mark of its own; a copy is a plain one.
  const documents = [
    ...parseAllDocuments(text, { lineCounter: lines, merge: true, prettyErrors: false, logLevel: "silent" }),
  ];
  return documents.map((document) => {
    const [error] = document.errors;
    if (error === undefined) return toValue(document, file);
    const { line, col } = lines.linePos(error.pos[0]);
    throw new Misuse(`${file} is neither JSON nor YAML: line ${line}, column ${col} (${error.code})`);
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function toValue(document: Document, file: string): unknown {
  visit(document, {
    Scalar(_key, node, path) {
      const isNumber = path.some((step) => isPair(step) && isScalar(step.key) && step.key.value === "delivery");
      if (typeof node.value === "number" && !isNumber) node.value = node.source;
    },
  });
  try {
    return document.toJS();
  } catch {
    throw new Misuse(`${file} is no YAML that can be read: its aliases lead nowhere, or to too much`);
  }
}
