/** The ways of docs/backup.md to back a Redis up, as an operator would do it. */
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { onTestFinished } from "vitest";
import { eventually, type RedisServer } from "./redis-server.ts";

const AOF = "appendonlydir";
const RDB = "dump.rdb";

/** BackupMethod makes a backup of a Redis that is in use, and brings it back. */
export interface BackupMethod {
  readonly name: string;
  make(server: RedisServer, folder: string): Promise<void>;
  /** What a Redis is started with, so that it loads such a backup from its folder. */
  readonly options: readonly string[];
  /** Has the Redis that loaded it keep what comes from then on. */
  keep(server: RedisServer): Promise<unknown>;
}

export const BACKUP_METHODS: readonly BackupMethod[] = [
  {
    name: "a snapshot",
    async make({ port }, folder) {
      await promisify(execFile)("redis-cli", ["-p", String(port), "--rdb", join(folder, RDB)]);
    },
    // With `appendonly yes`, Redis would look for append-only files, find none, and begin empty.
    options: ["--appendonly", "no"],
    keep: ({ redis }) => redis.config("SET", "appendonly", "yes"),
  },
  {
    name: "a copy of the append-only files",
    async make({ redis }, folder) {
      await redis.config("SET", "auto-aof-rewrite-percentage", "0");
      await eventually(async () => (await redis.info("persistence")).includes("aof_rewrite_in_progress:0"), true);
      const [, directory = ""] = (await redis.config("GET", "dir")) as string[];
      cpSync(join(directory, AOF), join(folder, AOF), { recursive: true });
      await redis.config("SET", "auto-aof-rewrite-percentage", "100");
    },
    options: [],
    keep: async () => undefined,
  },
];

/** restoreInto puts a backup into the folder of a Redis that is stopped, in place of what it had. */
export function restoreInto({ folder }: RedisServer, backup: string): void {
  for (const name of [AOF, RDB]) rmSync(join(folder, name), { recursive: true, force: true });
  cpSync(backup, folder, { recursive: true });
}

/** backupFolder makes an empty folder, which goes with the test. */
export function backupFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "baton-backup-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
