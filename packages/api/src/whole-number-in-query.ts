/** Whole numbers in a query string. */
import { z } from "zod";

const DIGITS = /^[0-9]+$/;

/**
 * wholeNumberInQuery takes digits from 1 to `most`, or a number of a caller in TypeScript. JavaScript reads a number
 * also where there is none for others: `0x10`, `1e1`, `+10`, blanks.
 */
export function wholeNumberInQuery(most: number) {
  return z.preprocess(
    (sent: number | string) => (typeof sent === "string" && DIGITS.test(sent) ? Number(sent) : sent),
    z
      .int({ error: `send a whole number from 1 to ${most}` })
      .min(1)
      .max(most),
  );
}
