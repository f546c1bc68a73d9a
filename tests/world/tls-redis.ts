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

/** The name that the certificates are out to. */
export const TLS_HOST = "localhost";
const A_DAY_IN_2021 = "210101000000Z";

/** Certificates are in files: one to trust, and Redis's settings for each of the two that it may present. */
export interface Certificates {
  /** Good for both others, as a certificate authority's would be. */
  readonly authority: string;
  readonly valid: readonly string[];
  readonly expired: readonly string[];
}

/** writeCertificates makes two out to TLS_HOST, which are removed with the test. */
export function writeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), "baton-tls-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const [valid, expired] = [createCertificate(TLS_HOST), createCertificate(TLS_HOST, A_DAY_IN_2021)];
  return {
    authority: write("both.pem", valid.cert + expired.cert),
    valid: ["tls-cert-file", write("cert.pem", valid.cert), "tls-key-file", write("key.pem", valid.key)],
    expired: ["tls-cert-file", write("old-cert.pem", expired.cert), "tls-key-file", write("old-key.pem", expired.key)],
  };
}

/** tlsSettings has a Redis or a sentinel speak TLS on `port`, beside its own; what it calls itself must speak TLS. */
export function tlsSettings({ authority, valid }: Certificates, port: number): readonly string[] {
  return [
    ...["tls-port", String(port), "tls-auth-clients", "no", "tls-ca-cert-file", authority, "tls-replication", "yes"],
    ...valid,
  ];
}

/** asOptions gives settings as words of a command line. */
export function asOptions(settings: readonly string[]): readonly string[] {
  return settings.map((word, index) => (index % 2 === 0 ? `--${word}` : word));
}

/** startTlsRedis gives it a certificate that is out to TLS_HOST. */
export async function startTlsRedis(): Promise<TlsRedis> {
  const certificates = writeCertificates();
  const tlsPort = await freePort();
  const server = await startRedisServer(asOptions(tlsSettings(certificates, tlsPort)));
  return {
    ...server,
    tlsPort,
    tlsUrl: `rediss://${TLS_HOST}:${tlsPort}`,
    certificate: certificates.authority,
    async present(which) {
      await server.redis.call("CONFIG", "SET", ...certificates[which]);
    },
  };
}
