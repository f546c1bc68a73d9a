/** What processes cost, from /proc. */
import { readFileSync } from "node:fs";

/** USER_HZ: what Linux counts CPU time in, on every architecture that Node runs on. Ticks a second. */
const USER_HZ = 100;

/** cpuSeconds of a process since its start, user and system, all threads. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name before it may hold spaces and brackets.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / USER_HZ;
}

/** residentMiB of a process, as it is now. */
export function residentMiB(pid: number): number {
  const [, kib = "NaN"] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kib) / 1_024;
}
