/** The machine and the versions that figures were taken on. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, release, totalmem, type } from "node:os";
import { z } from "zod";

export const machineSchema = z.object({
  cpu: z.string(),
  cores: z.number(),
  memoryGiB: z.number(),
  kernel: z.string(),
  versions: z.record(z.string(), z.string()),
});
export type Machine = z.infer<typeof machineSchema>;

const PACKAGES = ["bullmq", "ioredis", "fastify", "axios"];

export function readMachine(): Machine {
  const [first] = cpus();
  const [, redis = "unknown"] = /v=(\S+)/.exec(execFileSync("redis-server", ["--version"], { encoding: "utf8" })) ?? [];
  return {
    cpu: first?.model.trim() ?? "unknown",
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: `${type()} ${release()}`,
    versions: {
      node: process.versions.node,
      redis,
      ...Object.fromEntries(PACKAGES.map((name) => [name, versionOf(name)])),
    },
  };
}

/** versionOf reads the manifest above a package's entry: not every package lets its manifest be required. */
function versionOf(name: string): string {
  const entry = createRequire(import.meta.url).resolve(name);
  const inside = `/node_modules/${name}/`;
  const folder = entry.slice(0, entry.lastIndexOf(inside) + inside.length);
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(`${folder}package.json`, "utf8"))).version;
}
