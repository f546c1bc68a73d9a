/** A Redis that speaks TLS on a second port, with a certificate that is trusted only by clients that are given it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { createCertificate } from "../../packages/cxone/testing/certificate.ts";
import { freePort, type RedisServer, startRedisServer } from "./redis-server.ts";

/**
 * TlsRedis: `url` is without TLS, `tlsUrl` with it; `certificate` is a file for NODE_EXTRA_CA_CERTS, good for both
 * certificates.
 */
export interface TlsRedis extends RedisServer {
  readonly tlsPort: number;
  readonly tlsUrl: string;
  readonly certificate: string;
  /** Has new connections get this certificate. */
  present(which: "valid" | "expired"): Promise<void>;
}

const A_DAY_IN_2021 = "210101000000Z";

/** startTlsRedis makes the certificate out to `localhost`. */
export async function startTlsRedis(): Promise<TlsRedis> {
  const folder = mkdtempSync(join(tmpdir(), "baton-tls-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const [valid, expired] = [createCertificate("localhost"), createCertificate("localhost", A_DAY_IN_2021)];
  const files = {
    valid: ["tls-cert-file", write("cert.pem", valid.cert), "tls-key-file", write("key.pem", valid.key)],
    expired: ["tls-cert-file", write("old-cert.pem", expired.cert), "tls-key-file", write("old-key.pem", expired.key)],
  };
  const certificate = write("both.pem", valid.cert + expired.cert);
  const tlsPort = await freePort();
  const settings = ["tls-port", String(tlsPort), "tls-auth-clients", "no", "tls-ca-cert-file", certificate];
  const server = await startRedisServer(
    [...settings, ...files.valid].map((word, index) => (index % 2 === 0 ? `--${word}` : word)),
  );
  return {
    ...server,
    tlsPort,
    tlsUrl: `rediss://localhost:${tlsPort}`,
    certificate,
    async present(which) {
      await server.redis.call("CONFIG", "SET", ...files[which]);
    },
  };
}
