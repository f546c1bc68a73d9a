/** A proxy in front of Redis that can hang or go away while Redis itself lives on for the other tests. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface RedisProxy {
  readonly url: string;
  /** Connections stay open, new ones are taken, and nothing goes through any more: a Redis that was stopped. */
  hang(): void;
  /** Connections are reset, new ones refused: a Redis that is gone. */
  cut(): void;
  close(): void;
}

/** openRedisProxy listens on a free port and passes everything on to `redisUrl`. */
export async function openRedisProxy(redisUrl: string): Promise<RedisProxy> {
  const target = new URL(redisUrl);
  const sockets = new Set<Socket>();
  let hanging = false;
  const server = createServer((near) => {
    sockets.add(near.on("error", () => undefined));
    if (hanging) return;
    const far = connect(Number(target.port), target.hostname).on("error", () => undefined);
    sockets.add(far);
    near.pipe(far).pipe(near);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  const url = new URL(redisUrl);
  url.hostname = "127.0.0.1";
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    hang() {
      hanging = true;
      for (const socket of sockets) socket.unpipe().pause();
    },
    cut,
    close: cut,
  };
}
