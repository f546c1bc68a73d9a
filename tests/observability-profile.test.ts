/** The profile `observability` of docker-compose.yml, compared with what it mounts. */
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { ROOT } from "./world/guide.ts";

const PROFILE = ["prometheus", "alertmanager", "grafana"];

interface Service {
  readonly image: string;
  readonly profiles?: readonly string[];
  readonly command?: readonly string[];
  readonly ports: readonly string[];
  readonly volumes: readonly string[];
}

interface PrometheusConfiguration {
  readonly global: { readonly external_labels: Readonly<Record<string, string>> };
  readonly alerting: { readonly alertmanagers: readonly Targets[] };
  readonly scrape_configs: readonly (Targets & { readonly job_name: string })[];
}

interface Targets {
  readonly static_configs: readonly { readonly targets: readonly string[] }[];
}

const readYaml = (file: string): unknown => parse(readFileSync(join(ROOT, file), "utf8"), { merge: true });
const { services } = readYaml("docker-compose.yml") as { readonly services: Readonly<Record<string, Service>> };
const prometheus = readYaml("deploy/prometheus/prometheus.yml") as PrometheusConfiguration;

/** serviceOf gives a service by its name. */
function serviceOf(name: string): Service {
  const service = services[name];
  if (service === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
  return service;
}

/** mountsOf gives the files of the checkout that a service mounts, by where it finds them. */
function mountsOf(name: string): ReadonlyMap<string, string> {
  const mounts = serviceOf(name).volumes.filter((volume) => volume.startsWith("./"));
  return new Map(mounts.map((mount) => mount.split(":")).map(([from = "", to = ""]) => [to, from]));
}

/** portOf gives the port of this machine on which a service's port is published. */
function portOf(name: string): string {
  return /^127\.0\.0\.1:(?:\$\{\w+:-)?(\d+)\}?:\d+$/.exec(serviceOf(name).ports[0] ?? "")?.[1] ?? "";
}

it("starts Prometheus, Alertmanager and Grafana only when asked to, each of one version and on loopback alone", () => {
  const inProfile = Object.entries(services).filter(([, { profiles = [] }]) => profiles.includes("observability"));
  expect(inProfile.map(([name]) => name)).toEqual(PROFILE);
  for (const [name, { image, ports }] of inProfile) {
    expect(image).toMatch(/:v?\d+\.\d+\.\d+\}$/);
    expect(ports).toEqual([expect.stringMatching(/^127\.0\.0\.1:/)]);
    for (const file of mountsOf(name).values()) expect([file, existsSync(join(ROOT, file))]).toEqual([file, true]);
  }
});

it("has every process scraped, and the alerts sent, where compose has them", () => {
  const targets = (of: Targets) => of.static_configs.flatMap((config) => config.targets);
  const scraped = prometheus.scrape_configs.flatMap((job) => targets(job).map((target) => [job.job_name, target]));
  const sent = prometheus.alerting.alertmanagers.flatMap(targets);
  for (const [job, target] of [...scraped, ...sent.map((to) => ["baton-alertmanager", to])]) {
    const [name = "", port] = (target ?? "").split(":");
    expect([`baton-${name}`, serviceOf(name).ports[0]]).toEqual([job, expect.stringMatching(`:${port}$`)]);
  }
  expect(scraped).toHaveLength(3);
});

it("mounts the configuration and the rules where Prometheus and Alertmanager read them", () => {
  const [configuration = ""] = (serviceOf("prometheus").command ?? []).flatMap(
    (flag) => /^--config\.file=(.+)$/.exec(flag)?.[1] ?? [],
  );
  expect(mountsOf("prometheus").get(configuration)).toBe("./deploy/prometheus/prometheus.yml");
  const rules = readYaml("deploy/prometheus/prometheus.yml") as { readonly rule_files: readonly string[] };
  for (const file of rules.rule_files)
    expect(mountsOf("prometheus").get(configuration.replace(basename(configuration), file))).toContain(file);
  expect(mountsOf("alertmanager").get("/etc/alertmanager/alertmanager.yml")).toContain("alertmanager.yml");
});

it("shows the dashboards with the Prometheus that it starts", () => {
  const { datasources } = readYaml("deploy/grafana/provisioning/datasources/prometheus.yml") as {
    readonly datasources: readonly { readonly url: string }[];
  };
  const { providers } = readYaml("deploy/grafana/provisioning/dashboards/baton.yml") as {
    readonly providers: readonly { readonly options: { readonly path: string } }[];
  };
  expect(datasources.map(({ url }) => url)).toEqual([`http://prometheus:${portOf("prometheus")}`]);
  const mounts = mountsOf("grafana");
  expect(providers.map(({ options }) => mounts.get(options.path))).toEqual(["./deploy/grafana/dashboards"]);
  expect(mounts.get("/etc/grafana/provisioning")).toBe("./deploy/grafana/provisioning");
});

it("links the alerts to runbooks that Prometheus serves, and to the console", () => {
  const { baton_docs: docs, baton_console: console } = prometheus.global.external_labels;
  expect(docs).toBe(`http://127.0.0.1:${portOf("prometheus")}/user`);
  expect(console).toBe(`http://127.0.0.1:${portOf("admin")}`);
  expect(serviceOf("prometheus").command).toContain("--web.user-assets=/docs");
  expect(mountsOf("prometheus").get("/docs")).toBe("./docs");
});
