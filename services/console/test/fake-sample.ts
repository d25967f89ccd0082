import { WeightsState } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { RpcCode, RpcError } from '@subnetes/proto/rpc-error';

export const RAO = 1_000_000_000n;

export interface Sample {
  readonly name: string;
  readonly kind: 'Miner' | 'Validator';
  readonly stake: bigint;
  /** Incentive of a miner, dividends of a validator. */
  readonly share: number;
  readonly trust: number;
  readonly loss: number;
  readonly why: string;
  readonly reason: string;
}

export function validator(name: string, stake: bigint, share: number, trust: number): Sample {
  const isClipped = trust < 0.5;
  const why = isClipped ? 'weights clipped on 5 of 6 miners' : 'agrees with the consensus';
  return {
    name,
    kind: 'Validator',
    stake,
    share,
    trust,
    loss: 0,
    why,
    reason: isClipped ? 'WeightsClipped' : 'Earning',
  };
}

function miner(name: string, share: number, loss: number, why: string): Sample {
  const reason = why.startsWith('answers repeat')
    ? 'CopyDetected'
    : why.includes('invalid')
      ? 'AnswersInvalid'
      : 'Earning';
  return { name, kind: 'Miner', stake: 0n, share, trust: 0, loss, why, reason };
}

const SAMPLE: readonly Sample[] = [
  validator('val-a', 4500n, 0.478, 0.998),
  validator('val-b', 3500n, 0.371, 0.997),
  validator('val-c', 2000n, 0.151, 0.071),
  miner('garch', 0.412, 0.00515, 'best calibrated at both horizons'),
  miner('ewma', 0.301, 0.00531, '0.111 of incentive behind garch'),
  miner('ridge', 0.188, 0.00547, '0.113 of incentive behind ewma'),
  miner('gaussian', 0.099, 0.00583, '0.089 of incentive behind ridge'),
  miner('copycat', 0, 0.00531, "answers repeat ewma's of the day before (similarity 0.9994), ewma registered first"),
  miner('broken', 0, 0, '71 % of answers invalid: NaN in quantiles'),
];

const CROWD: readonly Sample[] = Array.from({ length: 256 }, (_, uid) =>
  miner(`miner-${uid}`, (256 - uid) / 32_896, 0.005 + uid / 100_000, 'earns by its rank'),
);

export function neuronOf(netuid: number, sample: Sample, uid: number) {
  return {
    netuid,
    uid,
    hotkey: `5${sample.name.replaceAll('-', '').padEnd(47, 'x')}`,
    coldkey: `5C${sample.name.replaceAll('-', '').padEnd(46, 'y')}`,
    registeredAtBlock: BigInt(3 + uid),
    immuneUntilBlock: uid > 6 ? 5012n : 0n,
    stake: { asset: 'TAO', amount: (sample.stake * RAO).toString() },
    earnedTotal: { asset: 'TAO', amount: String(BigInt(Math.round(sample.share * 24.6e9))) },
    managedBy: { kind: sample.kind, namespace: 'finance', name: sample.name },
  };
}

export function scoredOf(sample: Sample, uid: number) {
  const isMiner = sample.kind === 'Miner';
  const share = Math.round(sample.share * 65_535);
  const earned = String(BigInt(Math.round(sample.share * 8.2e9)));
  const { hotkey, coldkey } = neuronOf(1, sample, uid);
  return {
    uid,
    hotkey,
    coldkey,
    stakeRao: (sample.stake * RAO).toString(),
    validatorPermit: !isMiner,
    incentiveU16: isMiner ? share : 0,
    dividendsU16: isMiner ? 0 : share,
    validatorTrustU16: Math.round(sample.trust * 65_535),
    incentiveRao: isMiner ? earned : '0',
    dividendRao: isMiner ? '0' : earned,
    weightsState: isMiner ? WeightsState.UNSPECIFIED : WeightsState.REVEALED,
    loss: sample.loss,
    judged: sample.loss > 0 ? 240 : 0,
    answers: isMiner ? 240 : 0,
    invalid: sample.reason === 'AnswersInvalid' ? 170 : 0,
    why: sample.why,
    whyReason: sample.reason,
  };
}

export interface State {
  block: bigint;
  epoch: bigint;
  isAway: boolean;
}

export const SUBNETS: readonly { netuid: number; handle: string; samples: readonly Sample[] }[] = [
  { netuid: 1, handle: 'sp500', samples: SAMPLE },
  { netuid: 2, handle: 'crowded', samples: CROWD },
  { netuid: 3, handle: 'newborn', samples: [] },
];

export function samplesOf(netuid: number): readonly Sample[] {
  return SUBNETS.find((subnet) => subnet.netuid === netuid)?.samples ?? [];
}

export function away(state: State): void {
  if (state.isAway) throw new RpcError({ code: RpcCode.UNAVAILABLE, message: 'restarting' });
}
