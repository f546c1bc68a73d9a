/**
 * A TCP proxy on the loopback interface: sees what passes, holds it back at an exact moment, cuts it, slows it down.
 */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

const HOST = "127.0.0.1";

/** Passing is one chunk on its way: a `request` goes to the server, a `reply` comes from it. */
export interface Passing {
  readonly direction: "request" | "reply";
  /** Latin-1. */
  readonly text: string;
}

/** Held is a chunk that goes no further until it is released, with all that came after it on its connection. */
export interface Held extends Passing {
  release(): void;
  /** Resets the connection instead: the sender believes that it arrived, and the receiver never gets it. */
  drop(): void;
}

export type Matches = (passing: Passing) => boolean;

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  /** What was held back, and all that came after it; undefined while everything passes. */
  held: (() => void)[] | undefined;
  /** The tail of the last slow reply: bytes keep their order. */
  slow: Promise<void>;
}

interface Moment {
  readonly matches: Matches;
  readonly hold: boolean;
  readonly reached: (passing: Held) => void;
}

/** A moment comes within so long, or what it waited for does not happen in this run. Milliseconds. */
const MOMENT_MS = 20_000;

/** TcpProxy passes connections on to `target` from `open` to `close`. */
export class TcpProxy {
  #target: number;
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  readonly #moments = new Set<Moment>();
  /** Pause between two bytes of a reply, milliseconds; 0: none. */
  replyByteMs = 0;
  /** How long every chunk takes in each direction, milliseconds. */
  delayMs = 0;

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer((client) => this.#pass(client));
  }

  /** open listens on a free port and passes on to the port `target`. */
  static async open(target: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    proxy.#server.listen(0, HOST);
    await once(proxy.#server, "listening");
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** turnTo sends all clients to another server: open connections are cut. */
  turnTo(target: number): void {
    this.#target = target;
    this.cut();
  }

  /** cut resets every connection. */
  cut(): void {
    for (const pair of this.#pairs) reset(pair);
  }

  /**
   * holdNext resolves when the first chunk that matches arrives; it is not passed on before it is released, nor is what
   * follows on its connection.
   */
  async holdNext(matches: Matches): Promise<Held> {
    return (await TcpProxy.nextOf([this], matches, "hold")).passing;
  }

  /** seeNext resolves when the first chunk that matches passes. */
  async seeNext(matches: Matches): Promise<Passing> {
    return (await TcpProxy.nextOf([this], matches, "see")).passing;
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, "close");
  }

  /**
   * nextOf resolves when the first chunk that matches arrives at any of several proxies, and says at which; held, or
   * passed on.
   */
  static nextOf(
    proxies: readonly TcpProxy[],
    matches: Matches,
    how: "hold" | "see",
  ): Promise<{ readonly proxy: TcpProxy; readonly passing: Held }> {
    const { promise, resolve, reject } = Promise.withResolvers<{ proxy: TcpProxy; passing: Held }>();
    const moments = new Map<TcpProxy, Moment>();
    const over = () => {
      clearTimeout(timer);
      for (const [proxy, moment] of moments) proxy.#moments.delete(moment);
    };
    const timer = setTimeout(() => {
      over();
      reject(new Error(`the moment did not come within ${MOMENT_MS} ms`));
    }, MOMENT_MS);
    for (const proxy of proxies) {
      const reached = (passing: Held) => {
        over();
        resolve({ proxy, passing });
      };
      moments.set(proxy, { matches, hold: how === "hold", reached });
    }
    for (const [proxy, moment] of moments) proxy.#moments.add(moment);
    return promise;
  }

  #pass(client: Socket): void {
    const pair: Pair = { client, server: connect(this.#target, HOST), held: undefined, slow: Promise.resolve() };
    this.#pairs.add(pair);
    const end = () => {
      this.#pairs.delete(pair);
      client.destroy();
      pair.server.destroy();
    };
    for (const socket of [client, pair.server]) socket.setNoDelay(true).on("error", end).on("close", end);
    client.on("data", (chunk) => this.#chunk(pair, "request", chunk));
    pair.server.on("data", (chunk) => this.#chunk(pair, "reply", chunk));
  }

  #chunk(pair: Pair, direction: Passing["direction"], chunk: Buffer): void {
    const forward = () => this.#forward(pair, direction, chunk);
    if (pair.held === undefined && this.#moments.size > 0)
      this.#notice(pair, { direction, text: chunk.toString("latin1") });
    if (pair.held === undefined) forward();
    else pair.held.push(forward);
  }

  #notice(pair: Pair, passing: Passing): void {
    for (const { matches, hold, reached } of [...this.#moments]) {
      if (!matches(passing)) continue;
      if (hold) pair.held ??= [];
      reached({
        ...passing,
        release() {
          const held = pair.held ?? [];
          pair.held = undefined;
          for (const forward of held) forward();
        },
        drop: () => reset(pair),
      });
    }
  }

  #forward(pair: Pair, direction: Passing["direction"], chunk: Buffer): void {
    const to = direction === "request" ? pair.server : pair.client;
    if (direction === "reply" && this.replyByteMs > 0)
      pair.slow = pair.slow.then(() => dribble(to, chunk, this.replyByteMs));
    else if (this.delayMs > 0) setTimeout(() => to.writable && to.write(chunk), this.delayMs);
    else to.write(chunk);
  }
}

function reset({ client, server }: Pair): void {
  client.resetAndDestroy();
  server.destroy();
}

async function dribble(to: Socket, chunk: Buffer, byteMs: number): Promise<void> {
  for (const byte of chunk) {
    if (!to.writable) return;
    to.write(Buffer.of(byte));
    await new Promise((resolve) => setTimeout(resolve, byteMs));
  }
}
