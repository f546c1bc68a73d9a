// Asks /livez of whichever process runs in this container; exits 0 as soon as one of its ports answers 200.
const { BATON_INGRESS_PORT = 8080, BATON_ADMIN_PORT = 8081, BATON_WORKER_PORT = 8082, BATON_SIMULATOR_PORT = 8090 } = process.env;

await Promise.any(
  [BATON_INGRESS_PORT, BATON_ADMIN_PORT, BATON_WORKER_PORT, BATON_SIMULATOR_PORT].map(async (port) => {
    const { ok, status } = await fetch(`http://127.0.0.1:${port}/livez`);
    if (!ok) throw new Error(`port ${port} answers ${status}`);
  }),
);
process.exit(0);
