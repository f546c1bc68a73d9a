/** The port that is preferred, or another one. */
import { once } from "node:events";
import { createServer } from "node:net";

/** preferPort gives `port` where nobody listens on it, else 0: the system chooses a free one. */
export async function preferPort(port: number, host: string): Promise<number> {
  const server = createServer();
  try {
    await once(server.listen(port, host), "listening");
    server.close();
    await once(server, "close");
    return port;
  } catch {
    return 0;
  }
}
