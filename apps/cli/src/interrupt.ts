/** What Ctrl-C does to a command that ends by itself: it exits 130, after whatever is still to be said. */
import { EXIT } from "./command-errors.ts";

let last: (() => void) | undefined;

/** exitWhenInterrupted is set up once, before a command begins. */
export function exitWhenInterrupted(): void {
  process.once("SIGINT", () => {
    last?.();
    process.exit(EXIT.interrupted);
  });
}

/** beforeInterrupted runs `act` between Ctrl-C and the exit; one at a time, the latest. */
export function beforeInterrupted(act: () => void): void {
  last = act;
}
