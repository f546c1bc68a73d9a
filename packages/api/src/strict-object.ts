/** A JSON object that takes no members but its own. */
import { z } from "zod";

/** strictObject accepts `shape` and nothing else; its refusal of an unknown member says which members there are. */
export function strictObject<S extends z.ZodRawShape>(shape: S): z.ZodObject<S, z.core.$strict> {
  const accepted = Object.keys(shape).join(", ");
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code === "unrecognized_keys") return `unknown field; accepted here: ${accepted || "none"}`;
      return issue.code === "invalid_type" ? "send a JSON object" : undefined;
    },
  });
}
