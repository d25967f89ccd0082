import { create, toBinary } from '@bufbuild/protobuf';
import { signEnvelope } from '@subnetes/keys/envelope';
import { EnvelopeType, type SignedEnvelope } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import type { Neuron } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import { WeightsSetSchema } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { keyOf, networkId } from './market.ts';

let sequence = 0n;

/** Weights in the open, signed by the hotkey of that name; of the first uids, or of what is named. */
export function setWeightsBy(
  neurons: readonly Neuron[],
  sent: {
    readonly name: string;
    readonly values: readonly number[];
    readonly uids?: readonly number[];
    /** Another network than the usual one. */
    readonly network?: Uint8Array;
  },
): SignedEnvelope {
  const key = keyOf(sent.name);
  const neuron = neurons.find(({ hotkey }) => hotkey === key.address);
  if (neuron === undefined) throw new Error(`${sent.name} is not registered`);
  sequence += 1n;
  const { netuid, registrationId } = neuron;
  const message = { netuid, uids: [...(sent.uids ?? sent.values.keys())], values: [...sent.values] };
  const payload = toBinary(WeightsSetSchema, create(WeightsSetSchema, message));
  const terms = { networkId: sent.network ?? networkId, registrationId, sequence, expiresAtBlock: 50_000n, payload };
  return signEnvelope({ ...terms, type: EnvelopeType.SET_WEIGHTS }, key);
}
