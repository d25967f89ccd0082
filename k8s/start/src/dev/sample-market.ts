import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { raoFromTokenText } from '@subnetes/money/amount';
import type { SubnetSpec } from '@subnetes/operator/domain/subnet/subnet';
import { parseAllDocuments } from 'yaml';
import { WALLETS } from '../market.ts';
import type { WalletName } from '../market.ts';

export interface SampleModel {
  readonly mechanismId: number;
  readonly format: string;
  /** Absolute path. */
  readonly file: string;
  readonly sha256: string;
}

interface SampleNeuronBase {
  readonly name: string;
  readonly wallet: WalletName;
  readonly maxCostRao: bigint;
}
export interface SampleMiner extends SampleNeuronBase {
  readonly kind: 'Miner';
  readonly models: readonly SampleModel[];
}
export interface SampleValidator extends SampleNeuronBase {
  readonly kind: 'Validator';
  readonly stakeRao: bigint;
  /** Makes it dishonest. */
  readonly drill: string | undefined;
}
export type SampleNeuron = SampleMiner | SampleValidator;

export interface SampleMarket {
  readonly subnet: { readonly name: string; readonly wallet: WalletName; readonly spec: SubnetSpec };
  readonly neurons: readonly SampleNeuron[];
}

/** The parts of a Miner and a Validator in the sample's manifests that matter without a cluster. */
interface NeuronManifest {
  readonly kind: 'Miner' | 'Validator';
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: {
    readonly mandateRef: { readonly name: string };
    readonly registration: { readonly maxCost: string };
    readonly stake?: { readonly initial: string };
    readonly serves?: readonly {
      readonly mechanismId: number;
      readonly model: {
        readonly format: string;
        readonly sha256: string;
        readonly source: { readonly configMap: { readonly key: string } };
      };
    }[];
  };
}

const SAMPLE = 'k8s/samples/finance';

/** Reads the very manifests that `kubectl apply -f k8s/samples/finance` would apply. */
export async function readSampleMarket(root: string): Promise<SampleMarket> {
  const folder = path.join(root, SAMPLE);
  const [subnets, miners, validators] = await Promise.all(
    ['20-subnet.yaml', '30-miners.yaml', '40-validators.yaml'].map(async (name) =>
      parseAllDocuments(await readFile(path.join(folder, name), 'utf8')).map((document) => document.toJS() as unknown),
    ),
  );
  const subnet = subnets?.[0] as { metadata: { name: string }; spec: SubnetSpec } | undefined;
  if (subnet === undefined) throw new Error(`${SAMPLE}/20-subnet.yaml has no Subnet`);
  const manifests = [...(miners ?? []), ...(validators ?? [])] as NeuronManifest[];
  return {
    subnet: { name: subnet.metadata.name, wallet: walletName(subnet.spec.mandateRef.name), spec: subnet.spec },
    neurons: await Promise.all(manifests.map((manifest) => neuronOf(manifest, folder))),
  };
}

async function neuronOf({ kind, metadata, spec }: NeuronManifest, folder: string): Promise<SampleNeuron> {
  const base = {
    name: metadata.name,
    wallet: walletName(spec.mandateRef.name),
    maxCostRao: rao(spec.registration.maxCost),
  };
  if (kind === 'Validator')
    return {
      ...base,
      kind,
      stakeRao: rao(spec.stake?.initial ?? '0'),
      drill: metadata.annotations?.['subnetes.io/drill'],
    };
  const models = (spec.serves ?? []).map(async ({ mechanismId, model }) => {
    const file = path.join(folder, 'trainer/models', model.source.configMap.key);
    const sha256 = createHash('sha256')
      .update(await readFile(file))
      .digest('hex');
    if (sha256 !== model.sha256)
      throw new Error(`${file} is not the model of ${SAMPLE}/30-miners.yaml: run trainer/src/write-manifests.ts`);
    return { mechanismId, format: model.format, file, sha256 };
  });
  return { ...base, kind, models: await Promise.all(models) };
}

function walletName(name: string): WalletName {
  if (name in WALLETS) return name as WalletName;
  throw new Error(`the sample has no wallet ${name}; there are ${Object.keys(WALLETS).join(', ')}`);
}

function rao(tokens: string): bigint {
  const parsed = raoFromTokenText(tokens);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.value;
}
