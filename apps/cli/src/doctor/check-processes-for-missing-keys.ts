/**
 * The doctor on the processes' key rings: does each have the keys that it needs? Processes publish the ids of their
 * keys, never the keys.
 */
import type { PresentProcess, ProcessRole } from "@baton/registry/process-store";
import type { SealedKind } from "@baton/vault";
import type { SealedByKey, SealedUnder } from "../count-sealed-values-by-key.ts";
import { pluralize } from "../number-format.ts";
import { type CheckResult, FAULT, failCheck, passCheck, skipCheck } from "./check-result.ts";

/** NEEDS is what each opens: ingress shows contexts to agents' desktops, admin verifies with credentials. */
const NEEDS: Readonly<Record<ProcessRole, readonly SealedKind[]>> = {
  worker: ["credentials", "access", "params"],
  admin: ["credentials"],
  ingress: ["context"],
};

const KINDS: Readonly<Record<SealedKind, string>> = {
  credentials: "credentials",
  access: "cached CXone token",
  params: "handoff parameters",
  context: "context",
};

/** CONSEQUENCES of a missing key. */
const CONSEQUENCES: Readonly<Record<ProcessRole, string>> = {
  worker: "their handoffs wait for the key (`keys`) until their deadline",
  admin: "they cannot be verified",
  ingress: "agents' desktops do not see them",
};

/** So many connectors, and processes, are named. */
const MAX_NAMED = 5;

/**
 * checkProcessesForMissingKeys finds each key that processes lack though something that they open is sealed under it,
 * or another seals with it.
 */
export function checkProcessesForMissingKeys(
  processes: readonly PresentProcess[],
  byKey: SealedByKey,
  nameOf: (connectorId: string) => string,
): readonly CheckResult[] {
  if (processes.length === 0) return [skipCheck("processes' key rings", "no process shows itself in Redis")];
  const roles = [...new Set(processes.map(({ role }) => role))];
  const findings = roles.flatMap((role) => judgeKeyringsOfRole(role, { processes, byKey, nameOf }));
  if (findings.length > 0) return findings;
  return [passCheck("processes' key rings", `${pluralize(processes.length, "ring")} hold every key that is needed`)];
}

interface ProcessKeyrings {
  readonly processes: readonly PresentProcess[];
  readonly byKey: SealedByKey;
  readonly nameOf: (connectorId: string) => string;
}

function judgeKeyringsOfRole(role: ProcessRole, { processes, byKey, nameOf }: ProcessKeyrings): readonly CheckResult[] {
  const own = processes.filter((process) => process.role === role);
  const sealers = Map.groupBy(processes, ({ keyIds }) => keyIds[0] ?? "");
  return [...new Set([...byKey.keys(), ...sealers.keys()])].flatMap((keyId) => {
    const withoutKey = own.filter(({ keyIds }) => !keyIds.includes(keyId));
    if (keyId === "" || withoutKey.length === 0) return [];
    const under = byKey.get(keyId);
    const ids = under === undefined ? [] : connectorsOf(under, NEEDS[role]);
    if (ids.length > 0 && under !== undefined)
      return [createLackingOpenerCheck({ role, keyId, withoutKey, under, ids, nameOf })];
    const sealing = sealers.get(keyId);
    return sealing === undefined || !isOpenedBy(role, sealing)
      ? []
      : [createLackingSealerKeyCheck(keyId, withoutKey, sealing)];
  });
}

interface MissingKey {
  readonly role: ProcessRole;
  readonly keyId: string;
  readonly withoutKey: readonly PresentProcess[];
  readonly under: SealedUnder;
  readonly ids: readonly string[];
  readonly nameOf: ProcessKeyrings["nameOf"];
}

function createLackingOpenerCheck({ role, keyId, withoutKey, under, ids, nameOf }: MissingKey): CheckResult {
  const kinds = NEEDS[role].flatMap((kind) =>
    under.entries[kind] === 0 ? [] : [`${under.entries[kind]} × ${KINDS[kind]}`],
  );
  const whose = formatFirstNames(ids.map((id) => `${nameOf(id)} (${id})`));
  const faultOf = role === "worker" ? FAULT.workerKeys : FAULT.adminKeys;
  return failCheck(
    `key ${keyId}`,
    `${describeProcessesWithPids(withoutKey)} lack${withoutKey.length === 1 ? "s" : ""} it, and it sealed ${kinds.join(", ")} of ${whose}: ${CONSEQUENCES[role]}`,
    REMEDY,
    { faults: [FAULT.ring(keyId), ...(role === "ingress" ? [] : ids.map(faultOf))] },
  );
}

function createLackingSealerKeyCheck(
  keyId: string,
  withoutKey: readonly PresentProcess[],
  sealing: readonly PresentProcess[],
): CheckResult {
  return failCheck(
    `key ${keyId}`,
    `${describeProcessesWithPids(sealing)} seal${sealing.length === 1 ? "s" : ""} with it, and ${describeProcessesWithPids(withoutKey)} lack${withoutKey.length === 1 ? "s" : ""} it: what comes next stays closed there`,
    REMEDY,
    { faults: [FAULT.ring(keyId)] },
  );
}

const REMEDY =
  "Put the key behind the newest in BATON_KEYRING of these processes, and restart them; where it is lost, give the connectors all four credentials anew.";

function connectorsOf({ connectors }: SealedUnder, kinds: readonly SealedKind[]): readonly string[] {
  return [...new Set(kinds.flatMap((kind) => [...connectors[kind]]))];
}

/**
 * Admin seals credentials, ingress what a worker sends, a worker the tokens that other workers use: each for workers,
 * ingress also for itself.
 */
function isOpenedBy(role: ProcessRole, sealing: readonly PresentProcess[]): boolean {
  return role === "worker" || sealing.some((process) => process.role === role);
}

/** describeProcessesWithPids names processes of one role: `2 workers (pid 7 on a, pid 9 on b)`. */
export function describeProcessesWithPids(processes: readonly PresentProcess[]): string {
  const [first] = processes;
  const who = formatFirstNames(processes.map(({ host, pid }) => `pid ${pid} on ${host}`));
  return `${processes.length === 1 ? first?.role : pluralize(processes.length, first?.role ?? "process")} (${who})`;
}

function formatFirstNames(names: readonly string[]): string {
  const more = names.length - MAX_NAMED;
  return names.slice(0, MAX_NAMED).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
