/**
 * What all property tests have in common: one seed a run, which each failure shows. `PROPERTY_SEED=… npm test --
 * <file>` plays the same again.
 */
import fc from "fast-check";
import { afterEach } from "vitest";

const SEED = Number(process.env.PROPERTY_SEED ?? Math.floor(Math.random() * 2 ** 31));

let isProperty = false;
const noteProperty = () => {
  isProperty = true;
};
fc.configureGlobal({ seed: SEED, beforeEach: noteProperty });

// fast-check shows its seed too, but not where a test is over for another reason, such as its time.
afterEach(({ task }) => {
  for (const error of isProperty ? (task.result?.errors ?? []) : []) {
    const message = `${error.message} (PROPERTY_SEED=${SEED})`;
    error.stack = error.stack?.replace(error.message, () => message) ?? message;
    error.message = message;
  }
  isProperty = false;
});
