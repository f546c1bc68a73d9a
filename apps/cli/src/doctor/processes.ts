/** The doctor on Baton's processes: are they reached, ready, and of one version? */
import { describeError } from "../command-errors.ts";
import { VERSION } from "../version.ts";
import { type Check, FAULT, foundFault, passed, skipped, type Ties } from "./check.ts";
import type { Address, DoctorEnvironment } from "./environment.ts";

/** A process answers its probes within 500 ms; the rest is for the network. Milliseconds. */
const PROBE_MS = 5_000;

/** By the detail of readiness, without the code behind it. */
const READY: Readonly<Record<string, string>> = {
  "Redis does not answer": "See Redis; the process gets over it by itself.",
  "the process is closing": "It is stopping: start it again, or wait for the one that takes its place.",
};

/** FOLLOWS is what a process that is not ready may say, and which finding explains it. */
const FOLLOWS = [
  [/does not answer|password|TLS|lacks a right/i, FAULT.redis],
  [/redis|maxmemory|evict|replica/i, FAULT.settings],
  [/clock/i, FAULT.clock],
] as const;

/** checkProcesses asks admin, ingress and worker, each where it may be. */
export async function checkProcesses({ admin, ingress, worker, client }: DoctorEnvironment): Promise<readonly Check[]> {
  return await Promise.all([
    // Where a key is given, an admin is expected.
    probe("admin", admin && { ...admin, isNamed: admin.isNamed || client !== undefined }),
    probe("ingress", ingress),
    // Every machine has the worker's port in its environment, and few have a worker.
    probe("worker", worker && { ...worker, isNamed: false }),
  ]);
}

async function probe(name: string, address: Address | undefined): Promise<Check> {
  if (address === undefined) return skipped(name, "it has no address that is known here");
  const { url, isNamed } = address;
  try {
    const response = await fetch(new URL("readyz", `${url}/`), {
      signal: AbortSignal.timeout(PROBE_MS),
      redirect: "error",
    });
    return response.ok ? ready(name, url, await versionOf(url)) : await notReady(name, url, response);
  } catch (error) {
    if (!isNamed) return skipped(name, `none is reached at ${url}; it may be elsewhere`);
    const detail = describeError(new Error(`${url} is not reached`, { cause: error })) ?? url;
    return foundFault(
      name,
      detail,
      `Start \`baton ${name}\`, or correct BATON_${name.toUpperCase()}_URL (or _PORT); look at the firewall between.`,
      faultsOf(name),
    );
  }
}

/** Without its admin, or without a worker here, no other finding about them holds. */
function faultsOf(name: string): Ties {
  return name === "admin" ? { faults: [FAULT.admin] } : {};
}

async function notReady(name: string, url: string, response: Response): Promise<Check> {
  const problem: unknown = await response.json().catch(() => undefined);
  const isProblem =
    typeof problem === "object" && problem !== null && "detail" in problem && typeof problem.detail === "string";
  const detail = isProblem ? String(problem.detail) : `HTTP ${response.status}, which is no answer of Baton's`;
  const remedy =
    READY[detail.replace(/ \([A-Z_]+\)$/, "")] ??
    (isProblem
      ? "It says itself what is wrong; until then it is given no work."
      : "Correct its address: something else listens there.");
  const follows = FOLLOWS.flatMap(([words, fault]) => (words.test(detail) ? [fault] : []));
  return foundFault(name, `${url} is not ready: ${detail}`, remedy, { ...faultsOf(name), follows });
}

/** versionOf reads `baton_build_info`; undefined where metrics are not public. */
async function versionOf(url: string): Promise<string | undefined> {
  const response = await fetch(new URL("metrics", `${url}/`), {
    signal: AbortSignal.timeout(PROBE_MS),
    redirect: "error",
  });
  return /^baton_build_info\{.*version="([^"]*)"/m.exec(await response.text())?.[1];
}

function ready(name: string, url: string, version: string | undefined): Check {
  if (version === undefined) return passed(name, `${url} is ready`);
  return passed(
    name,
    `${url} is ready, version ${version}${version === VERSION ? "" : `; this command is ${VERSION}`}`,
  );
}
