/** What the demo says of itself: its intro, and the next steps that it leaves, as commands to paste. */
import { styleText } from "node:util";
import { formatFields } from "../text-table.ts";
import type { DemoFolder, DemoServices } from "./demo-services.ts";
import type { Tenants } from "./tenant-connectors.ts";

const REDIS = {
  given: "from BATON_REDIS_URL",
  process: "a process of its own",
  container: "a container of its own",
} as const;

/** formatIntro lists what runs and where. */
export function formatIntro(demo: DemoServices, { logPath }: DemoFolder): string {
  const { redis, namespace, simulator, addresses, moved, signInLink } = demo;
  const kept = redis.kind === "given" ? `keys begin with ${namespace}` : `append-only file in ${redis.folder}`;
  const fields = formatFields({
    "  ingress": `${addresses.ingress}  takes handoffs in`,
    "  worker": `${addresses.worker}  signals CXone, retries, gives up`,
    "  admin": `${addresses.admin}  what operators ask and do`,
    "  simulator": `${simulator.url}  stands in for CXone`,
    "  redis": `${redis.address}  ${REDIS[redis.kind]}; ${kept}`,
    "  log": logPath,
  });
  const taken = moved.length === 0 ? "" : `\n\n  Not on the usual ports, which are taken: ${moved.join(", ")}.`;
  const console = `\n\n  Watch it in the console; this link signs you in, once, within 10 min:\n    ${signInLink}`;
  return `${fields}${console}${styleText("yellow", taken)}`;
}

/**
 * formatNextSteps lists addresses and keys to play with, and a few things to try. `deadId` is a dead letter that can be
 * replayed.
 */
export function formatNextSteps(
  { addresses, adminKey, simulator }: DemoServices,
  { Acme }: Tenants,
  deadId: string | undefined,
): string {
  const parts: readonly (readonly [string, readonly string[]])[] = [
    [
      "Take these into another terminal, in the same folder",
      [
        `export BATON_INGRESS_URL=${addresses.ingress} BATON_ADMIN_URL=${addresses.admin}`,
        `export SIMULATOR=${simulator.url}`,
        `export BATON_TOKEN=${Acme.token}`,
        `export BATON_ADMIN_KEY=${adminKey}`,
      ],
    ],
    ["See what is going on", ["npx baton top"]],
    [
      "Hand a call off",
      [
        "npx baton send 100000000001 p1=Escalate p2='billing question' --wait 10s",
        'curl -i $BATON_INGRESS_URL/v1/handoffs -H "Authorization: Bearer $BATON_TOKEN" \\',
        `  -H 'content-type: application/json' -d '{"contactId": "100000000002"}'`,
      ],
    ],
    [
      "Break CXone for one contact, see the handoff die, repair CXone, and replay",
      [
        "curl $SIMULATOR/__sim/faults \\",
        `  -d '{"scope": {"contactId": "100000000003"}, "fault": {"status": 400}}'`,
        "npx baton send 100000000003 p1=Escalate --wait 10s",
        "curl -X DELETE $SIMULATOR/__sim/faults",
        "npx baton dead-letters causes",
        "npx baton replays start --cause <cause> --first 5 --note 'CXone is repaired'",
        "npx baton replays watch <run>",
      ],
    ],
    ...(deadId === undefined
      ? []
      : [
          [
            `Dune's keys work again, 30 s after Baton last tried them`,
            [`npx baton dead-letters replay ${deadId}`],
          ] as const,
        ]),
    ["Read", [`${addresses.ingress}/docs   ${addresses.admin}/docs   ${simulator.url}`]],
  ];
  return parts
    .map(([title, lines]) => [`  ${styleText("cyan", title)}`, ...lines.map((line) => `    ${line}`)].join("\n"))
    .join("\n\n");
}
