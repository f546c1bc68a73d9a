/** The data folder of `baton up`: Redis's data, the keys that it was made with, and the lock on all of it. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { chmodSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import envPaths from "env-paths";

/** Only the user who runs Baton reads its keys. */
const PRIVATE_FOLDER = 0o700;
const PRIVATE_FILE = 0o600;

/** DataFolder is open to one Baton. */
export interface DataFolder {
  readonly path: string;
  /** Where the embedded Redis keeps its append-only file. */
  readonly redis: string;
  /** The secret kept under `name`; made, and kept, when there is none. */
  secret(name: string, make: () => string): KeptSecret;
}

/** KeptSecret is new when this call made it. */
export interface KeptSecret {
  readonly value: string;
  readonly path: string;
  readonly isNew: boolean;
}

/**
 * defaultDataFolder is where this system keeps a user's data, on Linux `$XDG_DATA_HOME/baton`, else
 * `~/.local/share/baton`: the same from whatever directory Baton is started, so that the key of a
 * sealed handoff is always found again.
 */
export function defaultDataFolder(): string {
  return envPaths("baton", { suffix: "" }).data;
}

/** ensureDataFolder makes the folder if need be. */
export function ensureDataFolder(path: string): DataFolder {
  const folder = resolve(path);
  mkdirSync(folder, { recursive: true, mode: PRIVATE_FOLDER });
  chmodSync(folder, PRIVATE_FOLDER);
  return {
    path: folder,
    redis: join(folder, "redis"),
    secret: (name, make) => readOrMakeSecret(join(folder, name), make),
  };
}

/** readOrMakeSecret writes a secret once: who comes second reads what the first wrote. */
function readOrMakeSecret(path: string, make: () => string): KeptSecret {
  try {
    const value = make();
    writeFileSync(path, `${value}\n`, { flag: "wx", mode: PRIVATE_FILE });
    return { value, path, isNew: true };
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    return { value: readFileSync(path, "utf8").trim(), path, isNew: false };
  }
}

/** FolderLock is held until it closes. */
export interface FolderLock {
  close(): void;
}

/**
 * lockFolder gives undefined where another process of this machine holds the lock: two Redis on one append-only file
 * would destroy it.
 */
export async function lockFolder(folder: string): Promise<FolderLock | undefined> {
  const name = createHash("sha256").update(realpathSync(folder)).digest("hex").slice(0, 32);
  // In the temporary folder, since a socket's path may be only about 100 characters long.
  const path = join(tmpdir(), `baton-${name}.lock`);
  const lock =
    (await listenUnlessTaken(path)) ?? ((await isAnswered(path)) ? undefined : await takeOverStaleLock(path));
  return lock === undefined ? undefined : { close: () => void lock.close() };
}

/** A killed process leaves its socket's file, on which no process answers. */
async function takeOverStaleLock(path: string): Promise<Server | undefined> {
  rmSync(path, { force: true });
  return await listenUnlessTaken(path);
}

async function listenUnlessTaken(path: string): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy());
  try {
    await once(server.listen(path), "listening");
    return server.unref();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") return undefined;
    throw error;
  }
}

async function isAnswered(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
