// Asks /livez of whichever process runs in this container; exits 0 as soon as one of its ports answers 200.
const DEFAULTS = {
  BATON_INGRESS_PORT: 8080,
  BATON_ADMIN_PORT: 8081,
  BATON_WORKER_PORT: 8082,
  BATON_SIMULATOR_PORT: 8090,
};

await Promise.any(
  Object.entries(DEFAULTS).map(async ([name, usual]) => {
    // Kubernetes sets the same names from services, to addresses such as tcp://10.0.0.1:8081.
    const port = /^\d+$/.test(process.env[name] ?? "") ? process.env[name] : usual;
    const { ok, status } = await fetch(`http://127.0.0.1:${port}/livez`);
    if (!ok) throw new Error(`port ${port} answers ${status}`);
  }),
);
process.exit(0);
