/**
 * The heartbeat of a process: once a second it asks Redis for the time, the registry's version and the settings, and
 * shows that it lives.
 */
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { type RedisConnection, waitForConnection } from "@baton/redis/connection";
import { createLuaScript, readReplyNumber, readReplyText } from "@baton/redis/lua-script";
import { registryHashTag } from "@baton/redis/shards";
import type { PresentProcess } from "./process-store.ts";
import type { TokenUseBuffer } from "./token-use-buffer.ts";

/** How often. A change of the registry holds everywhere one heartbeat later: the contract allows 2 s. Milliseconds. */
const HEARTBEAT_MS = 1_000;
/** After so long without a heartbeat what was cached is not used. Milliseconds. */
const STALE_MS = 2_000;
/** PRESENT_MS: a process counts as there for so long after its last heartbeat. Milliseconds. */
export const PRESENT_MS = 5_000;

/**
 * HeartbeatOptions: `ring` is what this process does, and the ids of the keys that it has, the one that it seals with
 * first: by it the process is counted as there. `uses` are written with the heartbeat.
 */
export interface HeartbeatOptions {
  readonly namespace: string;
  readonly ring?: Pick<PresentProcess, "role" | "keyIds">;
  readonly uses?: Pick<TokenUseBuffer, "take" | "putBack">;
  /** How many shards this process uses; only who looks on says none. */
  readonly shards?: number;
}

/**
 * LastReply is the answer to the last heartbeat. `offsetMs` is Redis's clock minus this process's; `readRedisTime` was
 * Redis's when it came.
 */
interface LastReply {
  /** On the monotonic clock; minus infinity once a later heartbeat went unanswered. */
  readonly at: number;
  readonly receivedAt: number;
  readonly readRedisTime: number;
  readonly offsetMs: number;
  readonly registryVersion: number;
  /** Until when everything is paused, epoch milliseconds; 0 for not at all. */
  readonly pausedUntil: number;
  readonly workers: number;
  readonly shardsInUse: number;
}

/** Heartbeat runs from `start` to `close`. It never throws: a Redis that does not answer shows as `up` false. */
export class Heartbeat {
  readonly #redis: RedisConnection;
  readonly #options: HeartbeatOptions;
  readonly #process: string | undefined;
  readonly #script = createLuaScript(import.meta, "heartbeat");
  #last: LastReply | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  #upSince: number | undefined;
  #failure: unknown;
  /** The most shards that any process used when this one began. */
  #shardsBefore: number | undefined;
  readonly #afterBeat: ((roundTripMs: number | undefined) => void)[] = [];

  constructor(redis: RedisConnection, options: HeartbeatOptions) {
    this.#redis = redis;
    this.#options = options;
    this.#process = options.ring === undefined ? undefined : describeProcess(options.ring, options.shards);
  }

  /**
   * start sends one before it returns, as soon as the connection is there or known to be late, and then every second.
   */
  async start(): Promise<void> {
    await waitForConnection(this.#redis);
    await this.send();
    const again = async () => {
      await this.send();
      if (!this.#closed) this.#timer = setTimeout(() => void again(), HEARTBEAT_MS);
    };
    this.#timer = setTimeout(() => void again(), HEARTBEAT_MS);
  }

  /**
   * onHeartbeat has `call` called after each heartbeat from now on, with how long Redis took; undefined where it did
   * not answer.
   */
  onHeartbeat(call: (roundTripMs: number | undefined) => void): void {
    this.#afterBeat.push(call);
  }

  /** send sends one now. */
  async send(): Promise<void> {
    const askedAt = Date.now();
    const asked = performance.now();
    const { namespace, ring, uses, shards } = this.#options;
    const used = uses?.take() ?? [];
    let roundTripMs: number | undefined;
    const shown = { role: ring?.role, process: this.#process, presentMs: PRESENT_MS, sealsWith: ring?.keyIds[0] };
    try {
      const reply = await this.#script(this.#redis, registryHashTag(namespace), { ...shown, shards, used });
      const tripMs = performance.now() - asked;
      roundTripMs = tripMs;
      this.#upSince ??= performance.now();
      this.#failure = undefined;
      this.#shardsBefore ??= readReplyNumber(reply, 4);
      this.#last = {
        at: performance.now(),
        receivedAt: performance.now(),
        readRedisTime: readReplyNumber(reply, 0) + tripMs / 2,
        offsetMs: readReplyNumber(reply, 0) - (askedAt + tripMs / 2),
        registryVersion: readReplyNumber(reply, 1),
        pausedUntil: readPause(readReplyText(reply, 2)),
        workers: readReplyNumber(reply, 3),
        shardsInUse: readReplyNumber(reply, 4),
      };
    } catch (error) {
      uses?.putBack(used);
      this.#failure = error;
      this.#upSince = undefined;
      // `up` turns false; there is nothing else to do about a Redis that is gone.
      this.#last = this.#last === undefined ? undefined : { ...this.#last, at: Number.NEGATIVE_INFINITY };
    }
    for (const call of this.#afterBeat) call(roundTripMs);
  }

  /** up says whether Redis answered lately. */
  get up(): boolean {
    return this.#last !== undefined && performance.now() - this.#last.at < STALE_MS;
  }

  /** failure is the error of the last heartbeat; undefined when it was answered. */
  get failure(): unknown {
    return this.#failure;
  }

  /**
   * shardsFault says that this process uses fewer shards than were in use when it began. One that goes on while others
   * begin with more is none: what is in its shards is all there.
   */
  get shardsFault(): string | undefined {
    const { shards = Number.POSITIVE_INFINITY } = this.#options;
    const before = this.#shardsBefore ?? 0;
    if (shards >= before) return undefined;
    return `BATON_SHARDS: ${before} shards are in use, and their number may only rise; give ${before} or more`;
  }

  /** shardsInUse is the most shards that any process was started with, as of the last heartbeat. */
  get shardsInUse(): number {
    return this.#last?.shardsInUse ?? 0;
  }

  /** upForMs is how long Redis has answered every heartbeat, milliseconds. */
  get upForMs(): number {
    return this.up && this.#upSince !== undefined ? performance.now() - this.#upSince : 0;
  }

  /**
   * now is epoch milliseconds on Redis's clock, carried on by the monotonic one since the last heartbeat: a wall clock
   * that jumps changes nothing.
   */
  now(): number {
    return Math.round(
      this.#last === undefined ? Date.now() : this.#last.readRedisTime + performance.now() - this.#last.receivedAt,
    );
  }

  /** offsetMs is Redis's clock minus this process's; 0 before the first heartbeat. */
  get offsetMs(): number {
    return this.#last?.offsetMs ?? 0;
  }

  /** registryVersion rises with every change of a connector, token or setting; undefined while it is not known. */
  get registryVersion(): number | undefined {
    return this.up ? this.#last?.registryVersion : undefined;
  }

  /** paused is everything's pause, as it is now. */
  get paused(): boolean {
    return this.#last !== undefined && this.#last.pausedUntil > this.now();
  }

  /** pausedUntil is when everything's pause ends by itself, epoch milliseconds; undefined where it is not known. */
  get pausedUntil(): number | undefined {
    const until = this.#last?.pausedUntil ?? 0;
    return this.paused && Number.isFinite(until) ? until : undefined;
  }

  /** workers is how many worker processes showed themselves lately. */
  get workers(): number {
    return this.#last?.workers ?? 0;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }
}

function readPause(text: string): number {
  if (text === "") return 0;
  return text === "1" ? Number.POSITIVE_INFINITY : Number(text);
}

/** describeProcess is called once for a process, so that it is there once. */
function describeProcess({ role, keyIds }: Pick<PresentProcess, "role" | "keyIds">, shards?: number): string {
  const id = randomUUID();
  const here = { id, role, host: hostname(), pid: process.pid, keyIds };
  return JSON.stringify({ ...here, ...(shards !== undefined && { shards }) } satisfies PresentProcess);
}
