/**
 * A lock on a folder that ends with the process that holds it, however that ends: a socket named after the folder. A
 * lock file, as of proper-lockfile, is held for seconds more after a kill -9, and by nobody once its holder stood still
 * for as long.
 */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { realpathSync, rmSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

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
  const lock = (await listen(path)) ?? ((await answers(path)) ? undefined : await takeOver(path));
  return lock === undefined ? undefined : { close: () => void lock.close() };
}

/** What a killed process left behind is a file that nobody answers on. */
async function takeOver(path: string): Promise<Server | undefined> {
  rmSync(path, { force: true });
  return await listen(path);
}

async function listen(path: string): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy());
  try {
    await once(server.listen(path), "listening");
    return server.unref();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") return undefined;
    throw error;
  }
}

async function answers(path: string): Promise<boolean> {
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
