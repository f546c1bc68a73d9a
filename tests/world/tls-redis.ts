/** A Redis that speaks TLS on a second port, with a certificate that nobody trusts but who is told of it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { createCertificate } from "../../packages/cxone/testing/certificate.ts";
import { freePort, type RedisServer, startRedisServer } from "./redis-server.ts";

/** TlsRedis: `url` is without TLS, `tlsUrl` with it; `certificate` is a file for NODE_EXTRA_CA_CERTS. */
export interface TlsRedis extends RedisServer {
  readonly tlsPort: number;
  readonly tlsUrl: string;
  readonly certificate: string;
}

/** startTlsRedis makes the certificate out to `localhost`. */
export async function startTlsRedis(): Promise<TlsRedis> {
  const folder = mkdtempSync(join(tmpdir(), "baton-tls-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const { key, cert } = createCertificate("localhost");
  const [keyFile, certificate] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  writeFileSync(keyFile, key);
  writeFileSync(certificate, cert);
  const tlsPort = await freePort();
  const files = ["--tls-cert-file", certificate, "--tls-key-file", keyFile, "--tls-ca-cert-file", certificate];
  const server = await startRedisServer(["--tls-port", String(tlsPort), "--tls-auth-clients", "no", ...files]);
  return { ...server, tlsPort, tlsUrl: `rediss://localhost:${tlsPort}`, certificate };
}
