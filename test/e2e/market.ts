import path from 'node:path';
import { openServices } from '@subnetes/start/endpoints';
import type { Endpoints, ServiceClients } from '@subnetes/start/endpoints';
import { clusterTools } from '@subnetes/start/kubectl';
import type { ClusterTools } from '@subnetes/start/kubectl';
import { readFileSync } from 'node:fs';
import { inject } from 'vitest';

export const ROOT = path.resolve(import.meta.dirname, '../..');
export const LOCAL = path.join(ROOT, '.local');

/** What `npm start -- --json` prints. */
export interface StartOutcome {
  readonly installSeconds: number;
  readonly firstPaidEpochSeconds: number;
  readonly epochsPaid: number;
  readonly conservation: { readonly entries: number; readonly differenceRao: string };
  readonly miners: readonly {
    readonly name: string;
    readonly uid: number;
    readonly incentive: number;
    readonly emissionRao: string;
    readonly crps: number | null;
  }[];
  readonly validators: readonly {
    readonly name: string;
    readonly uid: number;
    readonly stake: string;
    readonly trust: number;
    readonly dividends: number;
    readonly emissionRao: string;
  }[];
  readonly calls: readonly {
    readonly protocol: string;
    readonly status: string;
    readonly servedBy: string;
    readonly latencyMs: number;
  }[];
  readonly invoice: { readonly lines: number; readonly totalRao: string };
  readonly dashboards: readonly string[];
  readonly urls: Readonly<Record<string, string>>;
}

/** The running market, as the global set-up started it. */
export function startedMarket(): StartOutcome {
  return JSON.parse(inject('market')) as StartOutcome;
}

export function tools(): ClusterTools {
  return clusterTools({ kubeconfig: path.join(LOCAL, 'kubeconfig'), context: undefined });
}

export function endpoints(): Endpoints {
  return JSON.parse(readFileSync(path.join(LOCAL, 'endpoints.json'), 'utf8')) as Endpoints;
}

export function services(): Promise<ServiceClients> {
  return openServices(endpoints());
}

export function apiKey(): string {
  return readFileSync(path.join(LOCAL, 'api-key'), 'utf8').trim();
}

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/** A condition of a custom resource; undefined before there is one. */
export async function conditionOf(
  kind: string,
  name: string,
  type: string,
  namespace = 'finance',
): Promise<Condition | undefined> {
  const text = await tools().kubectl(['-n', namespace, 'get', `${kind}.subnetes.io`, name, '-o', 'json']);
  const object = JSON.parse(text) as { status?: { conditions?: Condition[] } };
  return object.status?.conditions?.find((condition) => condition.type === type);
}
