/** Prometheus and Alertmanager as Debian ships them, on Baton's own rules, each second. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import getPort from "get-port";
import { expect, onTestFinished } from "vitest";
import { ROOT } from "./guide.ts";

/** Durations of the rules, and what stands for each here: a test cannot wait for an hour. */
const SHORTER: Readonly<Record<string, string>> = {
  "3d": "5m",
  "6h": "3m",
  "1h": "1m",
  "30m": "1m",
  "15m": "30s",
  "10m": "30s",
  "5m": "30s",
  "1m": "10s",
};

/** Monitoring is both, scraping; they end with the test. */
export interface Monitoring {
  /** The instant query's answer: labels and value of each series. */
  query(expression: string): Promise<readonly { readonly metric: Record<string, string>; readonly value: string }[]>;
  /** The traces that exemplars of a series name. */
  exemplars(series: string): Promise<readonly string[]>;
  /** The alerts which Alertmanager sends now, one of each name; not those that another one silences. */
  alerts(): Promise<readonly Alert[]>;
}

/** Alert is one that is active, with where its links lead. */
export interface Alert {
  readonly name: string;
  readonly runbookUrl: string;
  readonly consoleUrl: string;
}

/**
 * startMonitoring scrapes `targets`: addresses by job. The alerts' links lead to Prometheus, which serves docs/, and to
 * admin.
 */
export async function startMonitoring(targets: Readonly<Record<string, string>>): Promise<Monitoring> {
  const folder = mkdtempSync(join(tmpdir(), "baton-monitoring-"));
  const [prometheus, alertmanager] = [await getPort(), await getPort()];
  writeFileSync(
    join(folder, "rules.yml"),
    shorten(readFileSync(join(ROOT, "deploy/prometheus/baton.rules.yml"), "utf8")),
  );
  writeFileSync(join(folder, "prometheus.yml"), configurationOf(targets, { prometheus, alertmanager }));
  const children = [
    start("prometheus-alertmanager", [
      `--config.file=${join(ROOT, "deploy/prometheus/alertmanager.yml")}`,
      `--storage.path=${join(folder, "alertmanager")}`,
      `--web.listen-address=127.0.0.1:${alertmanager}`,
      "--cluster.listen-address=",
    ]),
    start("prometheus", [
      `--config.file=${join(folder, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(folder, "prometheus")}`,
      `--web.listen-address=127.0.0.1:${prometheus}`,
      "--enable-feature=exemplar-storage",
      `--web.user-assets=${join(ROOT, "docs")}`,
    ]),
  ];
  onTestFinished(async () => {
    await Promise.all(children.map(end));
    rmSync(folder, { recursive: true, force: true });
  });
  const read = async (url: string) => (await fetch(url)).json();
  await expect.poll(() => read(`http://127.0.0.1:${prometheus}/api/v1/targets`).then(isUp), POLL).toBe(true);
  return {
    async query(expression) {
      const url = `http://127.0.0.1:${prometheus}/api/v1/query?query=${encodeURIComponent(expression)}`;
      const { status, data, error } = (await read(url)) as QueryAnswer;
      if (status !== "success") throw new Error(`${expression}: ${error}`);
      return data.result.map(({ metric, value: [, value] }) => ({ metric, value }));
    },
    async exemplars(series) {
      const range = `start=${Date.now() / 1_000 - RECENT_S}&end=${Date.now() / 1_000}`;
      const url = `http://127.0.0.1:${prometheus}/api/v1/query_exemplars?query=${encodeURIComponent(series)}&${range}`;
      const { data } = (await read(url)) as ExemplarAnswer;
      return data.flatMap(({ exemplars }) => exemplars.map(({ labels }) => labels.trace_id));
    },
    async alerts() {
      const url = `http://127.0.0.1:${alertmanager}/api/v2/alerts?active=true&inhibited=false&silenced=false`;
      const alerts = ((await read(url)) as readonly ActiveAlert[]).map(({ labels, annotations }) => ({
        name: labels.alertname,
        runbookUrl: annotations.runbook_url,
        consoleUrl: annotations.console_url,
      }));
      return [...new Map(alerts.map((alert) => [alert.name, alert])).values()];
    },
  };
}

/** Seconds: a test's exemplars are younger. */
const RECENT_S = 600;
const POLL = { timeout: 60_000, interval: 500 };

interface QueryAnswer {
  readonly status: string;
  readonly error?: string;
  readonly data: {
    readonly result: readonly { readonly metric: Record<string, string>; readonly value: readonly [number, string] }[];
  };
}

interface ExemplarAnswer {
  readonly data: readonly { readonly exemplars: readonly { readonly labels: { readonly trace_id: string } }[] }[];
}

interface ActiveAlert {
  readonly labels: { readonly alertname: string };
  readonly annotations: { readonly runbook_url: string; readonly console_url: string };
}

function isUp(answer: unknown): boolean {
  const { activeTargets } = (answer as { readonly data: { readonly activeTargets: readonly { health: string }[] } })
    .data;
  return activeTargets.length > 0 && activeTargets.every(({ health }) => health === "up");
}

/** shorten puts shorter windows, offsets and waits into the rules; nothing else of them changes. */
function shorten(rules: string): string {
  return rules.replace(/(?<=\[|offset |for: )(\d+[mhd])\b/g, (duration) => SHORTER[duration] ?? duration);
}

function configurationOf(
  targets: Readonly<Record<string, string>>,
  ports: { readonly prometheus: number; readonly alertmanager: number },
): string {
  const job = ([name, url]: [string, string]) => ({
    job_name: name,
    static_configs: [{ targets: [new URL(url).host] }],
  });
  // JSON is YAML.
  return JSON.stringify({
    global: {
      scrape_interval: "1s",
      evaluation_interval: "1s",
      external_labels: {
        baton_docs: `http://127.0.0.1:${ports.prometheus}/user`,
        baton_console: targets["baton-admin"],
      },
    },
    rule_files: ["rules.yml"],
    alerting: { alertmanagers: [{ static_configs: [{ targets: [`127.0.0.1:${ports.alertmanager}`] }] }] },
    scrape_configs: Object.entries(targets).map(job),
  });
}

function start(command: string, args: readonly string[]): ChildProcess {
  return spawn(command, args, { stdio: "ignore" });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  await exited;
}
