import { RECOMMENDED } from '@subnetes/policy/recommended';

/** A resource as a user writes it. */
export interface Sample {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: Readonly<Record<string, unknown>>;
}

const apiVersion = 'subnetes.io/v1alpha1';
const metadata = (name: string) => ({ name, namespace: 'default' });

const hyperparameters = {
  tempo: 20,
  yumaVersion: 3,
  kappaU16: 32_767,
  bondsMovingAveragePpm: 900_000,
  immunityPeriodBlocks: 5_000,
  burn: { min: '0.0005', max: '100', halfLifeBlocks: 360, increasePpm: 1_260_000 },
  maxUids: 256,
  maxValidators: 64,
  commitReveal: { type: 'Salted', salted: { revealPeriodEpochs: 1 } },
  weightsRateLimitBlocks: 100,
  missedReveal: 'Keep',
};

/** Every field of a Subnet that exists in this version, but `netuid`. */
export function fullSubnet(name = 'sp500'): Sample {
  return {
    apiVersion,
    kind: 'Subnet',
    metadata: metadata(name),
    spec: {
      handle: name,
      mandateRef: { name: 'finance-owner' },
      deletionPolicy: 'Retain',
      creation: { maxCost: '1000' },
      onNotice: { type: 'Keep', keep: { maxCost: '2000' } },
      suspend: false,
      registration: { type: 'Open' },
      emission: 'Started',
      allowedNamespaces: { from: 'Selector', selector: { matchLabels: { market: 'finance' } } },
      policy: {
        hyperparameters,
        countermeasures: RECOMMENDED,
        mechanisms: [
          {
            id: 0,
            name: 'forecast',
            emissionWeight: 1,
            task: { type: 'QuantileForecast', quantileForecast: { horizonsDays: [1, 5], quantiles: 19 } },
            evaluation: {
              scorer: { type: 'Crps' },
              challenges: {
                type: 'Replay',
                replay: { dataset: 'sp500-daily', startDay: '2010-01-04', daysPerBlock: 1 },
                perEpoch: 20,
                timeout: '2s',
              },
              smoothing: { emaPpm: 100_000 },
              copies: { similarityPpm: 999_000 },
              rubric: 'Lower CRPS is better, averaged over horizons after scaling by volatility.',
            },
          },
        ],
        serving: {
          models: [{ name: 'forecast', mechanismId: 0, versions: [{ version: '1', schemaSha256: 'b'.repeat(64) }] }],
          routing: { preset: 'Balanced' },
          timeouts: { firstByte: '2s', total: '10s' },
        },
        pricing: [{ name: 'forecast', model: 'forecast', unit: 'Request', per: 1, price: '0.000002' }],
        terms: [{ name: 'invalid-answer', metric: 'AnswerValid', verifier: 'Gateway', remedy: 'Refund' }],
      },
      minerTemplate: { resources: { requests: { cpu: '50m', memory: '128Mi' } } },
      validatorTemplate: { placement: { spreadOver: 'Zone' } },
    },
  };
}

export function fullMiner(name = 'garch'): Sample {
  return {
    apiVersion,
    kind: 'Miner',
    metadata: metadata(name),
    spec: {
      subnetRef: { name: 'sp500', namespace: 'finance' },
      mandateRef: { name: 'quant-a' },
      hotkeySecretRef: { name: 'garch-hotkey' },
      registration: { maxCost: '2', onEviction: 'Stop', onNotice: { type: 'Match', match: { maxCost: '5' } } },
      stake: { initial: '0', auto: true },
      deletionPolicy: 'Retain',
      suspend: false,
      replicas: 1,
      runtime: {
        type: 'Managed',
        managed: { resources: { limits: { cpu: 1, memory: '256Mi' } }, placement: { spreadOver: 'Zone' } },
      },
      serves: [
        {
          mechanismId: 0,
          model: {
            format: 'Onnx',
            sha256: 'a'.repeat(64),
            source: { type: 'ConfigMap', configMap: { name: 'sp500-models', key: 'garch.onnx' } },
          },
        },
      ],
      capacity: { maxInFlight: 64 },
    },
  };
}

export function fullValidator(name = 'val-a'): Sample {
  return {
    apiVersion,
    kind: 'Validator',
    metadata: metadata(name),
    spec: {
      subnetRef: { netuid: 1 },
      mandateRef: { name: 'desk' },
      registration: { maxCost: '2', onEviction: 'Stop', onNotice: { type: 'Match', match: { maxCost: '5' } } },
      stake: {
        initial: '4500',
        auto: true,
        children: [{ hotkey: '5C4hrfjw9DjXZTzV3MwzrrAr9P1MJhSrvWGWqi1eSuyUpnhM', ppm: 250_000 }],
        childTakeU16: 11_796,
      },
      evaluation: { sampleSize: 50 },
      runtime: { type: 'Managed', managed: {} },
    },
  };
}

export function without(spec: Sample['spec'], field: string): Sample['spec'] {
  return Object.fromEntries(Object.entries(spec).filter(([name]) => name !== field));
}
