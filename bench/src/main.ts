/** `npm run bench`: figures, each of two things side by side. Loads go to loopback, and stop by themselves. */
import { cpus, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { measureIsolation } from "./isolation.ts";

const { values } = parseArgs({ options: { turns: { type: "string", default: "5" }, seconds: { type: "string", default: "12" } } });
const turns = Number(values.turns);
const turnMs = Number(values.seconds) * 1_000;

const figures = await measureIsolation({ turns, turnMs });
const machine = { cores: cpus().length, memoryGiB: Math.round(totalmem() / 2 ** 30), node: process.version };
process.stdout.write(`${JSON.stringify({ isolation: { ...figures, turns, secondsPerTurn: turnMs / 1_000 }, machine }, null, 2)}\n`);
// Node may go on cleaning up after connections that were reset, long after everything is done.
process.exit(figures.undelivered === 0 ? 0 : 1);
