/** Pseudo numbers as a request writes them. */
import { digitsOf } from "@baton/domain";
import { z } from "zod";

/** A pseudo number's digits: 3 for an extension, 20 for E.164 (15) behind a trunk prefix. */
const MIN_DIGITS = 3;
const MAX_DIGITS = 20;
/** MAX_LENGTH in characters, with everything that people write between digits. */
const MAX_LENGTH = 41;

/** pseudoNumberSchema is a number as people write it. */
export const pseudoNumberSchema = z
  .string()
  .max(MAX_LENGTH, { abort: true })
  .regex(/^\+?[0-9 ().-]*$/, { error: "send a number: digits, with + ( ) . - and spaces between them", abort: true })
  .refine((number) => digitsOf(number).length >= MIN_DIGITS && digitsOf(number).length <= MAX_DIGITS, {
    error: `send ${MIN_DIGITS} to ${MAX_DIGITS} digits`,
  })
  .meta({ pattern: `^\\+?[ ().-]*([0-9][ ().-]*){${MIN_DIGITS},${MAX_DIGITS}}$` });
