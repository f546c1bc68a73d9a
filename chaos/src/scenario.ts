/** A scenario: a setting, and what is done to Baton while the producer sends; and how it is run. */

import { type Deployment, openDeployment, type Setting } from "./deployment.ts";
import { type Header, type Ledger, writeLedger } from "./ledger.ts";
import { createRandom } from "./random.ts";

export interface Scenario {
  readonly name: string;
  /** One sentence for the report. */
  readonly what: string;
  /** In the short set that CI runs. */
  readonly ci?: true;
  /**
   * What Redis itself may forget here, as it is set to replicate or to write; what is gone is counted, not held against
   * Baton.
   */
  readonly mayForget?: Header["mayForget"];
  /** None may die of this trouble. */
  readonly noneDies?: true;
  readonly setting?: Setting;
  /** Done before the producer begins. */
  readonly prepare?: (deployment: Deployment) => Promise<void>;
  /** Resolves when everything that was broken works again. */
  readonly trouble: (deployment: Deployment) => Promise<void>;
}

export interface RunOptions {
  readonly seed: number;
  /** A folder of this run's own: ledgers, and the log of every process. */
  readonly folder: string;
}

/** runScenario gives the ledger, which is also in the folder. Throws when the scenario itself could not be played. */
export async function runScenario(scenario: Scenario, { seed, folder }: RunOptions): Promise<Ledger> {
  const startedAt = Date.now();
  const deployment = await openDeployment(scenario.setting ?? {}, { folder, random: createRandom(seed) });
  try {
    await scenario.prepare?.(deployment);
    const trouble = scenario.trouble(deployment);
    await Promise.all([deployment.producer.run(trouble), trouble]);
    await deployment.quiet();
    const ledger: Ledger = {
      header: headerOf(scenario, deployment, { seed, startedAt }),
      answers: deployment.producer.answers,
      effects: await deployment.simulator.effects(),
      endings: await deployment.endings(),
      incidents: deployment.incidents,
    };
    writeLedger(folder, ledger);
    return ledger;
  } finally {
    await deployment.close();
  }
}

function headerOf(
  { name, what, mayForget = "nothing", noneDies, setting = {} }: Scenario,
  deployment: Deployment,
  run: Pick<Header, "seed" | "startedAt">,
): Header {
  return {
    scenario: name,
    what,
    ...run,
    ...deployment.load,
    requests: deployment.producer.sent,
    mayForget,
    rate: deployment.rate,
    ...(deployment.runFacts === undefined ? {} : { run: deployment.runFacts }),
    ...(noneDies === undefined ? {} : { noneDies }),
    ...(setting.replicaClockMs === undefined ? {} : { clockBackMs: Math.abs(setting.replicaClockMs) }),
  };
}
