/** `baton reseal`: everything that is sealed, moved to the newest key. */
import { Command } from "commander";
import { EXIT } from "../command-errors.ts";
import { pluralize } from "../number-format.ts";
import { JSON_OPTION } from "../option-parsers.ts";
import type { ResealProgress, ResealResult } from "../reseal-everything.ts";
import type { SealingKeyUsage } from "../sealing-key-usage.ts";
import { openProgressLine, type PrintOptions, printJsonOrText } from "../terminal-output.ts";

const HELP = `
It connects to Redis itself, and reads BATON_REDIS_URL, BATON_NAMESPACE, BATON_KEYRING and BATON_SHARDS: the same as the
processes have. They go on running. Interrupted, it goes on where it stopped when it is run again.

To change keys: give every process the new key behind the old one (BATON_KEYRING=old,new); then the new one in front
(new,old); then run this; then take off what it says is no longer needed. It exits 1 when something is not sealed
under the newest key, and moves nothing while a process is running that does not have that key.`;

/** KIND_NAMES names the kinds as operators know them. */
const KIND_NAMES = {
  credentials: "connectors' credentials",
  access: "CXone accesses",
  params: "handoffs' parameters",
  context: "contexts",
} as const;

export function createResealCommand(): Command {
  return new Command("reseal")
    .description("move everything that is sealed to the newest key, and say which older keys are still needed")
    .option(...JSON_OPTION)
    .addHelpText("after", HELP)
    .action(async ({ json }: PrintOptions) => {
      const { connectAndReseal } = await import("../reseal-everything.ts");
      const progress = openProgressLine();
      const resealed = await connectAndReseal((step) => progress.say(describeStep(step))).finally(progress.clear);
      printJsonOrText(toJson(resealed), { json }, () => describeResealed(resealed));
      if (!resealed.complete) process.exitCode = EXIT.failed;
    });
}

function toJson({ keys, ...resealed }: ResealResult) {
  return {
    ...resealed,
    keys: keys.map(({ fingerprintsUntil, ...key }) => ({
      ...key,
      ...(fingerprintsUntil !== undefined && { fingerprintsUntil: formatInstant(fingerprintsUntil) }),
    })),
  };
}

function describeStep({ pass, done, of }: ResealProgress): string {
  return `${pass === "moving" ? "moving to the newest key" : "counting what is left"}: ${Math.min(done, of)} of ${pluralize(of, "handoff")}`;
}

function describeResealed({ newestKeyId, moved, resumed, unopened, keys }: ResealResult): string {
  const went = resumed ? ", going on where a run before was interrupted" : "";
  return [
    `${moved} ${moved === 1 ? "entry" : "entries"} moved to key ${newestKeyId}${went}.`,
    ...unopened.map(({ kind, record, why }) => `Not moved: ${kind} of ${record}: ${why}.`),
    ...keys.map(describeKey),
    ...(keys.length === 0 ? ["There is no older key."] : []),
  ].join("\n");
}

function describeKey(usage: SealingKeyUsage): string {
  const { keyId, needed, inRing } = usage;
  if (!needed) return `Key ${keyId} is no longer needed: take it off BATON_KEYRING, on every process.`;
  const name = keyId === "" ? "What no key is known of" : `Key ${keyId} is still needed`;
  return [`${name}${inRing ? "" : ", and it is not in BATON_KEYRING"}.`, ...reasonsWhyNeeded(usage)].join(" ");
}

function reasonsWhyNeeded({ keyId, inRing, inUse, entries, fingerprintsUntil }: SealingKeyUsage): readonly string[] {
  const sealed = Object.entries(KIND_NAMES).flatMap(([kind, what]) => {
    const left = entries[kind as keyof typeof KIND_NAMES];
    return left === 0 ? [] : [`${left} ${what}`];
  });
  const again = inRing
    ? "Run this again"
    : `Put ${keyId === "" ? "the key that sealed them" : "it"} behind the others and run this again, or they stay closed`;
  return [
    ...(inUse
      ? ["A running process seals with it: give it the ring with the newest key in front, then run this again."]
      : []),
    ...(sealed.length === 0 ? [] : [`${sealed.join(", ")} are sealed under it. ${again}.`]),
    ...(fingerprintsUntil === undefined
      ? []
      : [
          `Idempotency keys that came while it was the newest are known by it, and a repeat would be refused without it: keep it until ${formatInstant(fingerprintsUntil)}, when the last of them is forgotten.`,
        ]),
  ];
}

function formatInstant(at: number): string {
  return new Date(at).toISOString();
}
