/** `baton doctor`: every section is checked, whatever an earlier one found. */
import { isRedisUnavailable } from "@baton/redis/connection";
import type { Env } from "../all-in-one-process.ts";
import { readAdminAnswersForChecks } from "./admin-answers-for-checks.ts";
import { checkConfiguration } from "./check-configuration.ts";
import { checkConnectorsReachCxone } from "./check-connectors-reach-cxone.ts";
import { checkForStandstill } from "./check-for-standstill.ts";
import { checkKeyring } from "./check-keyring.ts";
import { checkNamespaceAndShards } from "./check-namespace-and-shards.ts";
import { checkProcessReadiness } from "./check-process-readiness.ts";
import { checkQueueAndDeadLetters } from "./check-queue-and-dead-letters.ts";
import { checkClockAgainstRedis, checkRedis, connectToRedis } from "./check-redis.ts";
import { type CheckResult, type CheckSection, checkOfError, skipCheck } from "./check-result.ts";
import { readEnvironmentForChecks } from "./environment-for-checks.ts";
import { findRootCauses, type RootCause } from "./root-causes.ts";

/**
 * DoctorReport is what was found: `faults` of the environment keep processes from starting; they are among the
 * findings, too.
 */
export interface DoctorReport {
  readonly sections: readonly CheckSection[];
  /** What is wrong by itself, the one that most follows from first. */
  readonly rootCauses: readonly RootCause[];
  readonly findings: number;
  readonly faults: number;
}

/** runDoctor never throws for what it finds; `onStep` is called with what is checked next. */
export async function runDoctor(env: Env, onStep: (words: string) => void): Promise<DoctorReport> {
  const environment = readEnvironmentForChecks(env);
  onStep("asking Redis and admin");
  const [access, answers] = await Promise.all([
    environment.redis === undefined ? undefined : connectToRedis(environment.redis),
    readAdminAnswersForChecks(environment.client),
  ]);
  const sectionChecks: Readonly<Record<string, () => Promise<readonly CheckResult[]>>> = {
    configuration: async () => checkConfiguration(environment),
    processes: async () => [...(await checkProcessReadiness(environment)), answers.check],
    redis: () => checkRedis(access, environment.isReplicated),
    clock: () => checkClockAgainstRedis(access, environment.namespace),
    registry: () => checkNamespaceAndShards(environment, access, answers),
    keyring: () =>
      checkKeyring(environment, access, (handoffs) => onStep(`looking at what is sealed: ${handoffs} handoffs`)),
    work: async () => [...(await checkForStandstill(answers)), ...checkQueueAndDeadLetters(answers, Date.now())],
    connectors: () =>
      checkConnectorsReachCxone(answers, (done, of) => onStep(`verifying connectors: ${done} of ${of}`)),
  };
  const sections: CheckSection[] = [];
  try {
    for (const [name, checkSection] of Object.entries(sectionChecks)) {
      onStep(`looking at ${name}`);
      sections.push({
        name,
        checks: await checkSection().catch((error: unknown) => [
          isRedisUnavailable(error) ? skipCheck(name, "Redis does not answer") : checkOfError(name, error),
        ]),
      });
    }
  } finally {
    access?.close();
  }
  const findings = sections.flatMap(({ checks }) => checks.filter(({ state }) => state === "bad"));
  return {
    sections: sections.map(({ name, checks }) => ({ name, checks: checks.map(withoutFaultLinks) })),
    rootCauses: findRootCauses(sections),
    findings: findings.length,
    faults: environment.faults.length,
  };
}

/** Ties have done their work. */
function withoutFaultLinks({ faults: _faults, follows: _follows, ...check }: CheckResult): CheckResult {
  return check;
}
