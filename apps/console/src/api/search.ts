/** Members of an address: what is not understood is left out, never an error. */
import * as z from "zod/mini";

// zod would try out whether it may compile code: the policy forbids it, and the browser would complain.
z.config({ jitless: true });

export const text = z.catch(z.optional(z.string().check(z.minLength(1), z.maxLength(1_000))), undefined);

/** oneOf takes one of `words`. */
export function oneOf<const W extends readonly string[]>(words: W) {
  return z.catch(z.optional(z.enum(words)), undefined);
}

/** searchOf makes a reader of a whole address from its members. */
export function searchOf<S extends z.core.$ZodLooseShape>(shape: S) {
  const schema = z.object(shape);
  return (search: Record<string, unknown>): z.output<typeof schema> => schema.parse(search);
}
