import { createHash } from 'node:crypto';
import type { KubeObject } from '@subnetes/kube/resource';

/** A ConfigMap of somebody else's, reduced to what the operator looks at: contents may be megabytes. */
export interface ConfigMapDigest extends KubeObject {
  /** Text under the key `mandate`. */
  readonly mandate?: string;
  /** SHA-256 in hexadecimal of each key's content. */
  readonly digests: Readonly<Record<string, string>>;
}

/** A ConfigMap as it is. */
export interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
  readonly binaryData?: Readonly<Record<string, string>>;
}

/** What is kept of a ConfigMap. */
export function digestConfigMap(object: ConfigMapDigest): ConfigMapDigest {
  const { data = {}, binaryData = {} } = object as ConfigMap;
  const { name, namespace, uid, resourceVersion } = object.metadata;
  const digests: Record<string, string> = {};
  for (const [key, text] of Object.entries(data)) digests[key] = sha256(Buffer.from(text, 'utf8'));
  for (const [key, text] of Object.entries(binaryData)) digests[key] = sha256(Buffer.from(text, 'base64'));
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
    ...(data['mandate'] === undefined ? {} : { mandate: data['mandate'] }),
    digests,
  };
}

/** The bytes under a key; undefined where it has no such key. */
export function contentOf({ data = {}, binaryData = {} }: ConfigMap, key: string): Uint8Array | undefined {
  const [text, base64] = [data[key], binaryData[key]];
  if (base64 !== undefined) return new Uint8Array(Buffer.from(base64, 'base64'));
  return text === undefined ? undefined : new TextEncoder().encode(text);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A Deployment or StatefulSet, as far as it is looked into. */
export interface Workload extends KubeObject {
  readonly spec?: { readonly replicas?: number };
  readonly status?: {
    readonly replicas?: number;
    readonly readyReplicas?: number;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
}

export interface Job extends KubeObject {
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
}

export interface Pod extends KubeObject {
  readonly status?: {
    readonly phase?: string;
    readonly podIP?: string;
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
}

interface Terminated {
  readonly exitCode: number;
  readonly reason?: string;
  readonly message?: string;
}

interface ContainerStatus {
  readonly name: string;
  readonly state?: {
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly terminated?: Terminated;
  };
  readonly lastState?: { readonly terminated?: Terminated };
}

/** What is kept of a pod: its spec is the longest part and nobody here reads it. */
export function keepPodStatus(pod: Pod): Pod {
  const { apiVersion, kind, metadata, status } = pod;
  return { apiVersion, kind, metadata, ...(status === undefined ? {} : { status }) };
}

/** Why a pod's container does not run: its last words, or what the kubelet says of it. */
export function containerTrouble(pod: Pod): { readonly message: string; readonly reason: string } | undefined {
  const status = pod.status?.containerStatuses?.[0];
  const ended = status?.state?.terminated ?? status?.lastState?.terminated;
  if (ended !== undefined && ended.exitCode !== 0) {
    const said = lastWords(ended.message);
    return {
      reason: said.reason ?? ended.reason ?? '',
      message: said.message === '' ? `exit code ${ended.exitCode}` : said.message,
    };
  }
  const waiting = status?.state?.waiting;
  if (waiting?.reason !== undefined && waiting.reason !== 'ContainerCreating' && waiting.reason !== 'PodInitializing') {
    return { reason: waiting.reason, message: `${waiting.reason}: ${waiting.message ?? 'no message'}` };
  }
  const unscheduled = pod.status?.conditions?.find(({ type, status: s }) => type === 'PodScheduled' && s === 'False');
  if (unscheduled?.message !== undefined) return { reason: 'Unschedulable', message: unscheduled.message };
  return undefined;
}

const MESSAGE_MAX = 400;

const MODEL_MISMATCH = 'ModelHashMismatch';

/** A process of ours ends with one JSON line (`msg`, `err`); of any other the last line is what it said. */
export function lastWords(text: string | undefined): { readonly reason?: string; readonly message: string } {
  const line = (text ?? '').trim().split('\n').at(-1) ?? '';
  const message = (fatalMessage(line) ?? line).slice(0, MESSAGE_MAX);
  return message.startsWith(MODEL_MISMATCH) ? { reason: MODEL_MISMATCH, message } : { message };
}

function fatalMessage(line: string): string | undefined {
  try {
    const { msg, err } = JSON.parse(line) as { msg?: unknown; err?: { message?: unknown } };
    if (typeof msg !== 'string') return undefined;
    return typeof err?.message === 'string' ? `${msg}: ${err.message}` : msg;
  } catch {
    return undefined; // not JSON: the line itself is the message
  }
}
