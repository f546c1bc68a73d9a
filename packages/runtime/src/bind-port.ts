/** Binding a port: a port that cannot be bound is a fault of the configuration, and names its variable. */
import { ConfigurationFault } from "./configuration-fault.ts";

/** BindAddress is what was asked for; `variable` is the port's, such as `BATON_ADMIN_PORT`. */
interface BindAddress {
  readonly host: string;
  readonly port: number;
  readonly variable: string;
}

/**
 * bindPort gives what `listen` gives. Throws a ConfigurationFault where the port or the host of `address` is not to be
 * had.
 */
export async function bindPort<T>(address: BindAddress, listen: () => Promise<T>): Promise<T> {
  try {
    return await listen();
  } catch (error) {
    const fault = faultOf(error, address);
    throw fault === undefined ? error : new ConfigurationFault([fault]);
  }
}

function faultOf(error: unknown, { host, port, variable }: BindAddress): string | undefined {
  switch (error instanceof Error && "code" in error ? error.code : undefined) {
    case "EADDRINUSE":
      return `${variable}: port ${port} of ${host} is in use; stop what listens there, or choose another port`;
    case "EACCES":
      return `${variable}: this user may not listen on port ${port}; choose one above 1023`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EBADNAME":
    case "EAI_AGAIN":
      return `BATON_HOST: ${host} is no address of this machine`;
    default:
      return undefined;
  }
}
