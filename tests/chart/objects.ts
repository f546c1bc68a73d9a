/** What is read of the objects that were rendered. */
import type { KubernetesObject } from "./render.ts";

/** Container is how a container is started and probed. */
export interface Container {
  readonly args: readonly string[];
  /** Without a value: from a key of the Secret. */
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly readinessProbe: Probe;
  readonly livenessProbe: Probe;
}

interface Probe {
  readonly httpGet: { readonly path: string };
}

/** DueQuery is what KEDA asks admin, and where in the answer it expects a number. */
export interface DueQuery {
  readonly path: string;
  readonly valueLocation: string;
}

interface DeploymentSpec {
  readonly template: { readonly spec: { readonly containers: readonly Container[] } };
}

interface ScaledObjectSpec {
  readonly triggers: readonly { readonly metadata: { readonly url: string; readonly valueLocation: string } }[];
}

/** containersOf gives a Deployment's containers, and none of any other object. */
export function containersOf({ kind, spec }: KubernetesObject): readonly Container[] {
  return kind === "Deployment" ? (spec as DeploymentSpec).template.spec.containers : [];
}

/** dueQueryOf gives what a ScaledObject asks, and nothing of any other object. */
export function dueQueryOf({ kind, spec }: KubernetesObject): readonly DueQuery[] {
  if (kind !== "ScaledObject") return [];
  return (spec as ScaledObjectSpec).triggers.map(({ metadata: { url, valueLocation } }) => ({
    path: new URL(url).pathname,
    valueLocation,
  }));
}
