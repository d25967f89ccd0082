import { signMandate, mandateText } from '@subnetes/keys/mandate';
import { newMnemonic, pairOfMnemonic } from '@subnetes/keys/sr25519-pair';
import type { PaidNeuron } from '#domain/market.ts';
import { NETWORK_ID } from './memory-ledger.ts';

const API_VERSION = 'subnetes.io/v1alpha1';

/** The sample's subnet, as short as the schema allows. */
export function subnetManifest(namespace: string, name = 'sp500', spec: Record<string, unknown> = {}) {
  return {
    apiVersion: API_VERSION,
    kind: 'Subnet',
    metadata: { name, namespace },
    spec: {
      handle: name,
      mandateRef: { name: 'owner' },
      policy: {
        hyperparameters: { tempo: 20, yumaVersion: 3, kappaU16: 32_767 },
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
              rubric: 'Lower CRPS is better.',
            },
          },
        ],
        serving: { models: [{ name: 'forecast', mechanismId: 0, versions: [{ version: '1' }] }] },
        pricing: [{ name: 'forecast', model: 'forecast', unit: 'Request', per: 1, price: '0.000002' }],
      },
      ...spec,
    },
  };
}

export function minerManifest(namespace: string, name: string, spec: Record<string, unknown> = {}) {
  return {
    apiVersion: API_VERSION,
    kind: 'Miner',
    metadata: { name, namespace },
    spec: {
      subnetRef: { name: 'sp500' },
      mandateRef: { name: 'owner' },
      registration: { maxCost: '2' },
      runtime: { type: 'Managed', managed: {} },
      serves: [modelEntry('garch.onnx', GARCH_SHA256)],
      ...spec,
    },
  };
}

export function validatorManifest(namespace: string, name: string, spec: Record<string, unknown> = {}) {
  return {
    apiVersion: API_VERSION,
    kind: 'Validator',
    metadata: { name, namespace },
    spec: {
      subnetRef: { name: 'sp500' },
      mandateRef: { name: 'owner' },
      stake: { initial: '4500' },
      evaluation: { sampleSize: 50 },
      runtime: { type: 'Managed', managed: {} },
      ...spec,
    },
  };
}

export function modelEntry(key: string, sha256: string) {
  const source = { type: 'ConfigMap', configMap: { name: 'models', key } };
  return { mechanismId: 0, model: { format: 'Onnx', sha256, source } };
}

/** sha256 of the five bytes `garch`. */
export const GARCH_SHA256 = '6385021a17fd577c56d579564812047fab1577ac6132ebca44fd9a82a1a064c6';

export function modelsConfigMap(namespace: string, content = 'garch') {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'models', namespace },
    binaryData: { 'garch.onnx': Buffer.from(content).toString('base64') },
  };
}

/** A mandate ConfigMap with a fresh coldkey. */
export function mandateConfigMap(namespace: string, name = 'owner') {
  const coldkey = pairOfMnemonic(newMnemonic());
  const envelope = signMandate(
    {
      networkId: NETWORK_ID,
      payer: coldkey.address,
      owner: coldkey.address,
      grantee: { cluster: 'any', namespace },
      operations: ['Register', 'Stake', 'SetPolicy'],
      netuids: [],
      maxPerOperation: '1000000000000',
      maxTotal: '1000000000000',
      notAfterBlock: '210000',
      nonce: '1',
    },
    coldkey,
  );
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace },
    data: { mandate: mandateText(envelope) },
  };
}

/** A miner's part of a paid epoch. */
export function paidMiner(uid: number, more: Partial<PaidNeuron> = {}): PaidNeuron {
  return {
    uid,
    permit: false,
    incentiveU16: 27_000,
    dividendsU16: 0,
    validatorTrustU16: 0,
    earnedRao: 3_378_000_000n,
    stakeRao: 0n,
    weights: 'None',
    lastUpdateBlock: 0,
    clippedColumns: 0,
    report: {
      judged: 240,
      answers: 240,
      invalid: 0,
      invalidReason: '',
      validatorsReporting: 3,
      validatorsReportingCopy: 0,
      copyOfUid: 0,
      similarityPpm: 0,
    },
    why: 'best calibrated at both horizons',
    whyReason: 'Earning',
    ...more,
  };
}
