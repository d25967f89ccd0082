import type { MessageInitShape } from '@bufbuild/protobuf';
import type { EpochDueSchema } from '@subnetes/proto/gen/subnetes/events/v1/events_pb';
import type { NeuronSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import { fromHex } from '#adapters/messages.ts';
import type { SealedNeuron } from '#domain/epoch-inputs.ts';
import { NETUID, TEMPO } from './market.ts';

/** The seal of an epoch as the ledger publishes it. */
export const dueMessage = (
  index: number,
  neurons: readonly SealedNeuron[],
  netuid = NETUID,
): MessageInitShape<typeof EpochDueSchema> => ({
  sequence: BigInt(1000 * index),
  netuid,
  index: BigInt(index),
  block: BigInt(1 + TEMPO * index),
  potRao: '23600000000',
  ownerRao: '3600000000',
  minerRao: '10000000000',
  validatorRao: '10000000000',
  neurons: neurons.map((each) => ({
    uid: each.uid,
    hotkey: each.hotkey,
    coldkey: each.coldkey,
    registeredAtBlock: BigInt(each.registeredAt),
    registrationId: fromHex(each.registrationId),
    stakeRao: each.stake.toString(),
  })),
  policy: {
    hyperparameters: {
      tempo: TEMPO,
      yumaVersion: 3,
      kappaU16: 32_767,
      bondsMovingAveragePpm: 900_000,
      bondsPenaltyU16: 65_535,
      activityCutoffBlocks: 5000,
      maxValidators: 64,
      revealPeriodEpochs: 1,
      weightsVersionKey: 0n,
      minAllowedWeights: 1,
      maxWeightLimitU16: 65_535,
      stakeThresholdRao: '0',
      liquidAlphaEnabled: false,
    },
    mechanisms: [{ id: 0, emissionWeight: 1 }],
  },
  policyVersion: 1n,
  subnetStartBlock: 1n,
});

/** A registration as the ledger tells it. */
export const neuronMessage = (each: SealedNeuron): MessageInitShape<typeof NeuronSchema> => ({
  netuid: NETUID,
  uid: each.uid,
  hotkey: each.hotkey,
  coldkey: each.coldkey,
  registeredAtBlock: BigInt(each.registeredAt),
  registrationId: fromHex(each.registrationId),
  stake: { asset: 'TAO', amount: each.stake.toString() },
});
