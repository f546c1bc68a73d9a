/** The rule for keys and shared ids that callers choose themselves. */
import { z } from "zod";

/** PRINTABLE is printable ASCII: what travels unharmed through a header, a URL and a log line. */
const PRINTABLE = /^[\x20-\x7e]{1,255}$/;

const printableSchema = z.string().regex(PRINTABLE, { error: "send 1 to 255 printable ASCII characters" });

/** idempotencyKeySchema: 1 to 255 printable ASCII characters, kept 24 h per connector. */
export const idempotencyKeySchema = printableSchema.meta({
  description:
    "Makes a repeat safe, for 24 h per connector: the same key with the same body answers the same handoff as it is now, with another body it is refused.",
  examples: ["b7f3c1de-handoff-1"],
});

/**
 * sharedIdSchema: 1 to 255 printable ASCII characters, the same rule as for an idempotency key, because it too travels
 * in a query string.
 */
export const sharedIdSchema = printableSchema.meta({
  description: "The caller's own id for this conversation; handoffs can be searched by it. Need not be unique.",
  examples: ["conversation-8f2c"],
});
