import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { bindPort } from "./bind-port.ts";
import { ConfigurationFault } from "./configuration-fault.ts";

const HOST = "127.0.0.1";

async function listen(port: number, host = HOST): Promise<number> {
  const server = createServer();
  onTestFinished(() => void server.close());
  await once(server.listen(port, host), "listening");
  return (server.address() as AddressInfo).port;
}

async function faultsOf(port: number, host?: string): Promise<unknown> {
  const address = { host: host ?? HOST, port, variable: "BATON_WORKER_PORT" };
  return bindPort(address, () => listen(port, host)).catch((error: unknown) =>
    error instanceof ConfigurationFault ? error.faults : error,
  );
}

it("names the variable of a port in use", async () => {
  const port = await listen(0);
  expect(await faultsOf(port)).toEqual([
    `BATON_WORKER_PORT: port ${port} of 127.0.0.1 is in use; stop what listens there, or choose another port`,
  ]);
});

it("names BATON_HOST for an address that this machine does not have", async () => {
  expect(await faultsOf(0, "192.0.2.1")).toEqual(["BATON_HOST: 192.0.2.1 is no address of this machine"]);
});

it("gives what was bound, and leaves other errors as they are", async () => {
  const address = { host: HOST, port: 0, variable: "BATON_WORKER_PORT" };
  expect(await bindPort(address, async () => "bound")).toBe("bound");
  await expect(bindPort(address, () => Promise.reject(new Error("another")))).rejects.toThrow("another");
});
