/** A scenario: a setting, and what is done to Baton while the producer sends. */
import type { Header } from "./ledger.ts";
import type { Setting, Stage } from "./stage.ts";

export interface Scenario {
  readonly name: string;
  /** One sentence for the report. */
  readonly what: string;
  /** In the short set that CI runs. */
  readonly ci?: true;
  /**
   * What Redis itself may forget here, as it is told to replicate or to write; what is gone is told, not held against
   * Baton.
   */
  readonly mayForget?: Header["mayForget"];
  /** Nobody may die of this trouble. */
  readonly noneDies?: true;
  readonly setting?: Setting;
  /** Resolves when everything that was broken works again. */
  readonly trouble: (stage: Stage) => Promise<void>;
}
