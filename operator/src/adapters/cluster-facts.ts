import type { SignedEnvelope } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { mandateOfText, mandateSha256 } from '@subnetes/keys/mandate';
import type { KeyFact, MandateFact, ModelFact, PodsFact } from '#domain/neuron/facts.ts';
import type { FunctionFact } from '#domain/subnet/incentive-function.ts';
import type { Neuron, Serves } from '#domain/neuron/neuron.ts';
import { hex } from './views.ts';
import {
  containerTrouble,
  lastWords,
  type ConfigMapDigest,
  type Job,
  type Pod,
  type Workload,
} from './cluster-objects.ts';

/** What a mandateRef came to. Signature and limits are for the ledger to judge. */
export function mandateFact(name: string, configMap: ConfigMapDigest | undefined): MandateFact {
  const missing = (message: string): MandateFact => ({ kind: 'missing', name, message });
  if (configMap === undefined) return missing(`there is no ConfigMap ${name} in this namespace`);
  if (configMap.mandate === undefined) return missing(`ConfigMap ${name} has no key "mandate"`);
  const envelope = mandateOfText(configMap.mandate);
  const owner = envelope === undefined ? undefined : boundTo(envelope);
  if (envelope === undefined || owner === undefined) {
    return missing(`key "mandate" of ConfigMap ${name} holds no mandate`);
  }
  return {
    kind: 'found',
    name,
    owner,
    envelope: new Uint8Array(Buffer.from(configMap.mandate.trim(), 'base64')),
    sha256: hex(mandateSha256(envelope)),
  };
}

/** What a binding says under this mandate: the owner, and where somebody else pays the mandate itself. */
function boundTo(envelope: SignedEnvelope): string | undefined {
  try {
    const { owner, payer } = JSON.parse(new TextDecoder().decode(envelope.payload)) as Record<string, unknown>;
    if (typeof owner !== 'string') return undefined;
    return owner === payer ? owner : `${owner} ${hex(mandateSha256(envelope))}`;
  } catch {
    return undefined; // not JSON: told as "holds no mandate"
  }
}

/** Whether the key holds a module of this hash. Whether it may run is for scoring to judge. */
export function functionFact(
  { name, key }: { readonly name: string; readonly key: string },
  sha256: string,
  configMap: ConfigMapDigest | undefined,
): FunctionFact {
  if (configMap === undefined) {
    const command = `kubectl create configmap ${name} --from-file=${key}=FILE`;
    return { kind: 'missing', message: `there is no ConfigMap ${name} in this namespace: ${command}` };
  }
  const digest = configMap.digests[key];
  if (digest === undefined) return { kind: 'missing', message: `ConfigMap ${name} has no key ${key}` };
  if (digest === sha256) return { kind: 'ok' };
  const declared = `spec.policy.incentiveFunction.sha256 says ${sha256.slice(0, 12)}…`;
  const message = `${key} of ConfigMap ${name} has sha256 ${digest.slice(0, 12)}…, ${declared}: correct the one that is wrong`;
  return { kind: 'mismatch', message };
}

/** Whether every model file is there and is the declared one. */
export function modelFact(
  serves: readonly Serves[],
  configMap: (name: string) => ConfigMapDigest | undefined,
): ModelFact {
  for (const [index, { model }] of serves.entries()) {
    const { name, key } = model.source.configMap ?? { name: '', key: '' };
    const found = configMap(name);
    if (found === undefined) {
      return { kind: 'missing', message: `ConfigMap ${name} does not exist: create it with the model under ${key}` };
    }
    const digest = found.digests[key];
    if (digest === undefined) return { kind: 'missing', message: `ConfigMap ${name} has no key ${key}` };
    if (digest === model.sha256) continue;
    const declared = `spec.serves[${index}].model.sha256 says ${model.sha256.slice(0, 12)}…`;
    const message = `${key} of ConfigMap ${name} has sha256 ${digest.slice(0, 12)}…, ${declared}: correct the one that is wrong`;
    return { kind: 'mismatch', message };
  }
  return { kind: 'ok' };
}

/** What a key job reported in its termination message, or why it did not. */
export function keyFact(job: Job | undefined, pods: readonly Pod[]): KeyFact {
  for (const pod of pods) {
    const ended = pod.status?.containerStatuses?.[0]?.state?.terminated;
    const reported = ended?.exitCode === 0 ? reportOf(ended.message) : undefined;
    if (reported !== undefined) return { kind: 'ready', ...reported };
  }
  const failed = job?.status?.conditions?.find(({ type, status }) => type === 'Failed' && status === 'True');
  if (failed === undefined) return { kind: 'waiting' };
  const said = pods.map(containerTrouble).find((trouble) => trouble !== undefined);
  const message = `the key job failed: ${said?.message ?? failed.message ?? 'no message'}. It is made anew by itself.`;
  return { kind: 'failed', message };
}

function reportOf(text: string | undefined): { hotkey: string; binding: Uint8Array } | undefined {
  try {
    const { hotkey, binding } = JSON.parse(text ?? '') as Record<string, unknown>;
    if (typeof hotkey !== 'string' || typeof binding !== 'string') return undefined;
    return { hotkey, binding: new Uint8Array(Buffer.from(binding, 'base64')) };
  } catch {
    return undefined; // no report: the job is judged by its conditions
  }
}

/** Pods as their controller counts them, and the last words of one that does not stay up. */
export function podsFact(neuron: Neuron, workload: Workload | undefined, pods: readonly Pod[]): PodsFact {
  const wanted = neuron.kind === 'Miner' ? (neuron.spec.replicas ?? 1) : 1;
  const ready = workload?.status?.readyReplicas ?? 0;
  const base = { wanted, existing: workload?.status?.replicas ?? 0, ready };
  if (ready >= wanted) return base;
  const refused = workload?.status?.conditions?.find(
    ({ type, status }) => type === 'ReplicaFailure' && status === 'True',
  );
  const trouble = pods.map(containerTrouble).find((found) => found !== undefined);
  if (trouble !== undefined) {
    return {
      ...base,
      failure: { kind: trouble.reason === 'ModelHashMismatch' ? 'model' : 'other', message: trouble.message },
    };
  }
  if (refused?.message !== undefined)
    return { ...base, failure: { kind: 'other', message: lastWords(refused.message).message } };
  return base;
}
