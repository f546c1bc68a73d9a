/** A .cpuprofile, read: which functions and files the time between two instants went to. */
import { z } from "zod";

const profileSchema = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() }),
    }),
  ),
  /** Microseconds of the machine's monotonic clock, which process.hrtime gives. */
  startTime: z.number(),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});

/** Window in microseconds of process.hrtime. */
export interface Window {
  readonly from: number;
  readonly until: number;
}

/** Entry is one function's or file's own time, as a share (0 to 1) of the time in which the process was not idle. */
export interface Entry {
  readonly name: string;
  readonly share: number;
}

export interface Profile {
  /** Share of the window in which the process was not idle. */
  readonly busy: number;
  readonly functions: readonly Entry[];
  readonly files: readonly Entry[];
}

const IDLE = "(idle)";

/** readProfile takes the text of a .cpuprofile. */
export function readProfile(text: string, { from, until }: Window): Profile {
  const { nodes, startTime, samples, timeDeltas } = profileSchema.parse(JSON.parse(text));
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const functions = new Map<string, number>();
  const files = new Map<string, number>();
  let [at, all, idle] = [startTime, 0, 0];
  for (const [index, id] of samples.entries()) {
    // A delta is the time before its sample; the sample stands for the time until the next one.
    at += timeDeltas[index] ?? 0;
    const took = timeDeltas[index + 1] ?? 0;
    const frame = frames.get(id);
    if (frame === undefined || at < from || at >= until) continue;
    all += took;
    if (frame.functionName === IDLE) idle += took;
    else {
      const file = shorten(frame.url);
      add(files, file === "" ? frame.functionName || "(native)" : file, took);
      add(
        functions,
        `${frame.functionName || "(anonymous)"}${file === "" ? "" : ` ${file}:${frame.lineNumber + 1}`}`,
        took,
      );
    }
  }
  return { busy: (all - idle) / all, functions: sorted(functions, all - idle), files: sorted(files, all - idle) };
}

function add(map: Map<string, number>, name: string, took: number): void {
  map.set(name, (map.get(name) ?? 0) + took);
}

function sorted(map: ReadonlyMap<string, number>, busy: number): readonly Entry[] {
  return [...map]
    .map(([name, took]) => ({ name, share: took / busy }))
    .toSorted((one, other) => other.share - one.share);
}

/** shorten leaves a package's name and the path in it, or the path in the repository. */
function shorten(url: string): string {
  const path = url.replace(/^file:\/\//, "");
  const [, inPackage] = /.*\/node_modules\/(.+)$/.exec(path) ?? [];
  const [, inRepository] = /\/((?:apps|packages|bench)\/.+)$/.exec(path) ?? [];
  return inPackage ?? inRepository ?? path;
}
