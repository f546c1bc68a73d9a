/**
 * Connections of the load generator: HTTP/1.1 by hand, a tenth of what node:http costs, because both cores are for the
 * measured.
 */
import { connect, type Socket } from "node:net";

/** A caller gives up after so long. Milliseconds. */
const ANSWER_MS = 30_000;
/**
 * A connection that was not used for so long is closed, and not used again: a server may close it at the same moment
 * (Node's after 5 s, Fastify's after 72 s), and what was just written on it would be lost. Milliseconds.
 */
const IDLE_MS = 4_000;
const HEAD_END = "\r\n\r\n";

/** ConnectionPool sends each request on an idle connection, a new one where there is none. */
export class ConnectionPool {
  readonly #port: number;
  readonly #idleMs: number;
  readonly #idle: Connection[] = [];
  readonly #all = new Set<Connection>();

  constructor(port: number, idleMs = IDLE_MS) {
    this.#port = port;
    this.#idleMs = idleMs;
  }

  /** send gives the answer's status; 0 where the connection was lost before it. */
  async send(request: string): Promise<number> {
    const connection = this.#takeIdle() ?? this.#open();
    const status = await connection.exchange(request);
    connection.idleSince = performance.now();
    if (connection.usable) this.#idle.push(connection);
    return status;
  }

  /** The one that was used last; where that is too long ago, all are. */
  #takeIdle(): Connection | undefined {
    const connection = this.#idle.pop();
    if (connection === undefined || performance.now() - connection.idleSince < this.#idleMs) return connection;
    for (const idle of [connection, ...this.#idle.splice(0)]) idle.close();
    return undefined;
  }

  close(): void {
    for (const connection of this.#all) connection.close();
  }

  #open(): Connection {
    const connection = new Connection(this.#port, () => {
      this.#all.delete(connection);
      const index = this.#idle.indexOf(connection);
      if (index >= 0) this.#idle.splice(index, 1);
    });
    this.#all.add(connection);
    return connection;
  }
}

class Connection {
  readonly #socket: Socket;
  #answer = "";
  #resolve: ((status: number) => void) | undefined;
  usable = true;
  /** On the monotonic clock. */
  idleSince = 0;

  constructor(port: number, onClose: () => void) {
    this.#socket = connect(port, "127.0.0.1");
    this.#socket.setNoDelay(true).setTimeout(ANSWER_MS, () => this.#socket.destroy());
    // Latin-1: a character is a byte, so that lengths can be compared.
    this.#socket.setEncoding("latin1").on("data", (chunk) => this.#read(String(chunk)));
    this.#socket.on("error", () => undefined);
    this.#socket.on("close", () => {
      this.usable = false;
      onClose();
      this.#settle(0);
    });
  }

  exchange(request: string): Promise<number> {
    return new Promise((resolve) => {
      this.#resolve = resolve;
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(chunk: string): void {
    this.#answer += chunk;
    const head = this.#answer.indexOf(HEAD_END);
    if (head < 0) return;
    const [, length = "0"] = /\r\ncontent-length: (\d+)/i.exec(this.#answer.slice(0, head)) ?? [];
    if (this.#answer.length < head + HEAD_END.length + Number(length)) return;
    const status = Number(this.#answer.slice("HTTP/1.1 ".length, "HTTP/1.1 200".length));
    this.#answer = "";
    this.#settle(status);
  }

  #settle(status: number): void {
    const resolve = this.#resolve;
    this.#resolve = undefined;
    resolve?.(status);
  }
}
