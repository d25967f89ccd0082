import { SCORE_TO_WEIGHT_RULE } from '@subnetes/validator/domain/score-to-weight';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { HORIZONS_DAYS, QUANTILE_COUNT } from './forecast-contract.ts';
import {
  CHALLENGES_PER_EPOCH,
  DAYS_PER_BLOCK,
  EMA_PPM,
  HONEST_RANKING,
  SIMILARITY_PPM,
  START_DAY,
  TEMPO_BLOCKS,
} from './market-terms.ts';

const NAMESPACE = 'finance';
const MODELS = 'sp500-models';
const API_VERSION = 'subnetes.io/v1alpha1';

type Manifest = { readonly apiVersion: string; readonly kind: string; readonly [field: string]: unknown };

/** The files of this sample that kubectl applies, by name; the numbers give the order. */
export function manifestFiles(models: ReadonlyMap<string, Uint8Array>): ReadonlyMap<string, string> {
  return new Map([
    ['00-namespace.yaml', document([namespace()])],
    ['10-models.yaml', document([modelsConfigMap(models)])],
    ['20-subnet.yaml', document([subnet()])],
    ['30-miners.yaml', document(minerNames().map(({ name, file }) => miner(name, { file, bytes: models.get(file) })))],
    ['40-validators.yaml', document(VALIDATORS.map(validator))],
  ]);
}

/** The copier comes first and so registers first where all else is equal: that protects it from nothing. */
function minerNames(): readonly { readonly name: string; readonly file: string }[] {
  return [
    { name: 'copycat', file: 'copycat.json' },
    ...HONEST_RANKING.map((name) => ({ name, file: `${name}.onnx` })),
    { name: 'broken', file: 'broken.json' },
  ];
}

const VALIDATORS = [
  { name: 'val-a', stake: '4500' },
  { name: 'val-b', stake: '3500' },
  // Dishonest on purpose: the annotation makes it give the worst miners most.
  { name: 'val-c', stake: '2000', drill: 'invert-scores' },
] as const;

function namespace(): Manifest {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } };
}

function modelsConfigMap(models: ReadonlyMap<string, Uint8Array>): Manifest {
  const binaryData = Object.fromEntries(
    [...models].map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')]),
  );
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: MODELS, namespace: NAMESPACE }, binaryData };
}

function subnet(): Manifest {
  return {
    apiVersion: API_VERSION,
    kind: 'Subnet',
    metadata: { name: 'sp500', namespace: NAMESPACE },
    spec: {
      handle: 'sp500',
      mandateRef: { name: 'finance-owner' },
      deletionPolicy: 'Retain',
      registration: { type: 'Open' },
      emission: 'Started',
      allowedNamespaces: { from: 'Same' },
      policy: policy(),
      minerTemplate: { resources: { requests: { cpu: '50m', memory: '128Mi' } } },
      validatorTemplate: { resources: { requests: { cpu: '50m', memory: '128Mi' } } },
    },
  };
}

function policy(): object {
  return {
    hyperparameters: {
      tempo: TEMPO_BLOCKS,
      yumaVersion: 3,
      kappaU16: 32_767,
      bondsMovingAveragePpm: 900_000,
      immunityPeriodBlocks: 5000,
      maxUids: 256,
      maxValidators: 64,
      commitReveal: { type: 'Salted', salted: { revealPeriodEpochs: 1 } },
    },
    mechanisms: [
      {
        id: 0,
        name: 'forecast',
        emissionWeight: 1,
        task: {
          type: 'QuantileForecast',
          quantileForecast: { horizonsDays: [...HORIZONS_DAYS], quantiles: QUANTILE_COUNT },
        },
        evaluation: evaluation(),
      },
    ],
    serving: {
      models: [{ name: 'forecast', mechanismId: 0, versions: [{ version: '1' }] }],
      routing: { preset: 'Balanced' },
      timeouts: { firstByte: '2s', total: '10s' },
    },
    pricing: [{ name: 'forecast', model: 'forecast', unit: 'Request', per: 1, price: '0.000002' }],
    terms: [{ name: 'invalid-answer', metric: 'AnswerValid', verifier: 'Gateway', remedy: 'Refund' }],
  };
}

function evaluation(): object {
  return {
    scorer: { type: 'Crps' },
    challenges: {
      type: 'Replay',
      replay: { dataset: 'sp500-daily', startDay: START_DAY, daysPerBlock: DAYS_PER_BLOCK },
      perEpoch: CHALLENGES_PER_EPOCH,
      timeout: '2s',
    },
    smoothing: { emaPpm: EMA_PPM },
    copies: { similarityPpm: SIMILARITY_PPM },
    rubric: [
      'Forecast the log return of the S&P 500 over the next trading day and the next five, from up to 512 daily closes,',
      `as ${QUANTILE_COUNT} quantiles at levels i/${QUANTILE_COUNT + 1}.`,
      'The loss is the CRPS from the quantiles, scaled to a volatility of one percent a day, averaged over horizons and days.',
      'An invalid or late answer counts as the worst of the day. Answers that repeat those of another miner of the day',
      `before earn nothing. ${SCORE_TO_WEIGHT_RULE}.`,
    ].join(' '),
  };
}

function miner(name: string, model: { readonly file: string; readonly bytes: Uint8Array | undefined }): Manifest {
  if (model.bytes === undefined) throw new Error(`there is no model file ${model.file}`);
  return {
    apiVersion: API_VERSION,
    kind: 'Miner',
    metadata: { name, namespace: NAMESPACE },
    spec: {
      subnetRef: { name: 'sp500' },
      mandateRef: { name: 'quant-a' },
      registration: { maxCost: '2', onEviction: 'Stop' },
      deletionPolicy: 'Retain',
      replicas: 1,
      runtime: { type: 'Managed', managed: {} },
      serves: [
        {
          mechanismId: 0,
          model: {
            format: model.file.endsWith('.onnx') ? 'Onnx' : 'Script',
            sha256: createHash('sha256').update(model.bytes).digest('hex'),
            source: { type: 'ConfigMap', configMap: { name: MODELS, key: model.file } },
          },
        },
      ],
      capacity: { maxInFlight: 64 },
    },
  };
}

function validator(terms: { readonly name: string; readonly stake: string; readonly drill?: string }): Manifest {
  const annotations = terms.drill === undefined ? {} : { annotations: { 'subnetes.io/drill': terms.drill } };
  return {
    apiVersion: API_VERSION,
    kind: 'Validator',
    metadata: { name: terms.name, namespace: NAMESPACE, ...annotations },
    spec: {
      subnetRef: { name: 'sp500' },
      mandateRef: { name: 'desk' },
      registration: { maxCost: '2', onEviction: 'Stop' },
      stake: { initial: terms.stake },
      deletionPolicy: 'Retain',
      evaluation: { sampleSize: 50 },
      runtime: { type: 'Managed', managed: {} },
    },
  };
}

/** As YAML 1.1, which kubectl reads: there a date without quotes would be no string. */
function document(manifests: readonly Manifest[]): string {
  const notice = '# Written by trainer/src/write-manifests.ts; change it there.\n';
  return notice + manifests.map((manifest) => stringify(manifest, { lineWidth: 120, version: '1.1' })).join('---\n');
}

/** The committed model files by name, as the miners of the sample load them. */
export function committedModels(): ReadonlyMap<string, Uint8Array> {
  const names = minerNames().map(({ file }) => file);
  return new Map(names.map((name) => [name, readFileSync(new URL(`../models/${name}`, import.meta.url))]));
}

if (import.meta.main) {
  const directory = fileURLToPath(new URL('../..', import.meta.url));
  for (const [name, text] of manifestFiles(committedModels())) writeFileSync(directory + name, text);
}
