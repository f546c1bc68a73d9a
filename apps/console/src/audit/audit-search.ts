import { searchOf, text } from "../api/search.ts";

/** auditSearch is the address of the audit. */
export const auditSearch = searchOf({ actor: text, action: text, id: text, from: text, to: text, cursor: text });
