/** Profile: where ingress and worker spend their time at saturation. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { startBaton } from "../contenders/baton.ts";
import { openRig } from "../rig.ts";
import { markdownTable, type PartOptions, type Section } from "../section.ts";
import { PROJECTS, saturatingShape } from "../speed/measure-turn.ts";
import { isExact, tally } from "../tally.ts";
import { FINDINGS } from "./findings.ts";
import { type Entry, type Profile, readProfile, type Window } from "./read-profile.ts";

const APPS = ["ingress", "worker"] as const;
type App = (typeof APPS)[number];
/** The hot paths are compiled after so long under load. Milliseconds. */
const WARM_UP_MS = 6_000;
/** How many entries are shown. */
const SHOWN = 15;

/** measureProfile plays one saturated phase under `--cpu-prof`; what is sampled before and after it is left out. */
export async function measureProfile({ seconds, smoke, say }: PartOptions): Promise<Section> {
  let folder = "";
  await using rig = await openRig(async (options) => {
    folder = options.folder;
    return startBaton({
      ...options,
      projects: PROJECTS,
      nodeOptions: ["--cpu-prof", `--cpu-prof-dir=${join(folder, "profiles")}`],
    });
  });
  await rig.play({ shape: saturatingShape(rig, smoke ? 500 : WARM_UP_MS) });
  const from = now();
  const played = await rig.play({ shape: saturatingShape(rig, seconds * 1_000) });
  const window = { from, until: from + (played.endedAt - played.startedAt) * 1_000 };
  say("profile: the load is over, the processes close and write their profiles");
  const profiles = {
    ingress: await profileOf(rig.contender.children.ingress, { folder, window }),
    worker: await profileOf(rig.contender.children.worker, { folder, window }),
  };
  const seen = tally(played.sent, played.arrivals);
  return {
    title: "Where the time goes",
    text: [...APPS.map((app) => render(app, profiles[app])), FINDINGS].join("\n\n"),
    targets: [],
    faults: isExact(seen) ? [] : [JSON.stringify(seen)],
    figures: profiles,
  };
}

/** now as a profile counts time: microseconds of the machine's monotonic clock. */
function now(): number {
  return Number(process.hrtime.bigint() / 1_000n);
}

interface ProfileOptions {
  readonly folder: string;
  readonly window: Window;
}

/** profileOf ends a process as an operator would, and reads what it leaves: the file's name holds its pid. */
async function profileOf(
  child: { readonly pid: number; readonly ended: Promise<unknown>; signal(name: "SIGTERM"): void },
  options: ProfileOptions,
) {
  child.signal("SIGTERM");
  await child.ended;
  const profiles = join(options.folder, "profiles");
  const file = readdirSync(profiles).find((name) => name.split(".").includes(String(child.pid)));
  if (file === undefined) throw new Error(`process ${child.pid} left no profile in ${profiles}`);
  return readProfile(readFileSync(join(profiles, file), "utf8"), options.window);
}

function render(app: App, { busy, functions, files }: Profile): string {
  const rows = (entries: readonly Entry[]) =>
    entries.slice(0, SHOWN).map(({ name, share }) => [`\`${name}\``, percent(share)]);
  return `### ${app}, busy ${percent(busy)} of the time\n\n${markdownTable([["function, its own time", "share"], ...rows(functions)])}\n\n${markdownTable([["file", "share"], ...rows(files)])}`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
