import { METHODS } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { createWorld } from "./world/world.ts";

const OWN = ["/openapi.json", "/docs", "/docs/"];

it.each(["ingress", "admin"] as const)(
  "%s answers every method on every path, and 405 says which the path takes",
  async (app) => {
    const world = await createWorld();
    const { url } = await (app === "ingress" ? world.startIngress() : world.startAdmin());
    const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as {
      paths: Record<string, Record<string, unknown>>;
    };
    const documented = Object.entries(paths).map(([path, methods]) => [
      path.replaceAll(/\{(\w+)\}/g, "$1"),
      Object.keys(methods),
    ]);
    const routes = [...documented, ...OWN.map((path) => [path, ["get"]])] as [string, string[]][];
    for (const [path, methods] of routes) {
      const taken = methods.flatMap((method) => (method === "get" ? ["GET", "HEAD"] : [method.toUpperCase()]));
      // What browsers ask before a screen pop.
      if (path.endsWith("/handoff_state")) taken.push("OPTIONS");
      for (const method of [...METHODS, "BREW"]) {
        const { status, allow } = await ask(url, method, path);
        if (taken.includes(method)) expect.soft([method, path, status]).not.toContain(405);
        else
          expect
            .soft({ method, path, status, allow })
            .toEqual({ method, path, status: 405, allow: taken.sort().join(", ") });
        expect.soft([method, path, status >= 500]).toEqual([method, path, false]);
      }
    }
    for (const method of [...METHODS, "BREW"]) expect.soft((await ask(url, method, "/v2/handoffs")).status).toBe(404);
  },
);

async function ask(url: string, method: string, path: string): Promise<{ status: number; allow: string | undefined }> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(`${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  const answer = await text(socket);
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]), allow: /^allow: (.*)$/im.exec(answer)?.[1] };
}
