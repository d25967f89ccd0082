import { create } from '@bufbuild/protobuf';
import { NetworkSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { SubnetStateSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import { EpochSummarySchema, ListEpochsResponseSchema } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import { expect, test } from 'vitest';
import { followEpochs, type EpochSource } from './follow-epochs.ts';

const unknown = new RpcError({
  code: RpcCode.NOT_FOUND,
  reason: 'SUBNET_UNKNOWN',
  message: 'there is no subnet sp500',
});
const away = new RpcError({ code: RpcCode.UNAVAILABLE, message: 'no connection' });

/** A market in which asking for the subnet fails as told, one error a call, and then works. */
function marketAfter(errors: readonly Error[]): EpochSource {
  const waiting = [...errors];
  const epochs = [create(EpochSummarySchema, { index: 3n, incentivesAboveZero: true, revealed: 3 })];
  return {
    ledger: {
      getNetwork: async () => create(NetworkSchema, { block: 65n }),
      async getSubnet() {
        const error = waiting.shift();
        if (error !== undefined) throw error;
        return create(SubnetStateSchema, { netuid: 1, epochIndex: 3n, lastPaidIndex: 3n, nextEpochBlock: 85n });
      },
    },
    scoring: { listEpochs: async () => create(ListEpochsResponseSchema, { epochs }) },
  };
}

function follow(market: EpochSource, told: string[] = []) {
  const report = (detail: string): void => void told.push(detail);
  return followEpochs(market, { signal: AbortSignal.timeout(30_000), report, wanted: 1 });
}

test('a subnet that the operator has not brought to the ledger yet is waited for, and so is a service', async () => {
  const told: string[] = [];
  expect(await follow(marketAfter([unknown, away]), told)).toMatchObject({ netuid: 1, block: 65n });
  expect(told).toEqual(['waiting for the subnet', 'waiting for the subnet']);
});

test('any other refusal ends it', async () => {
  const denied = new RpcError({ code: RpcCode.PERMISSION_DENIED, message: 'not with this certificate' });
  await expect(follow(marketAfter([denied]))).rejects.toThrow('not with this certificate');
});
