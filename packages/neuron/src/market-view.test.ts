import { create } from '@bufbuild/protobuf';
import { SubnetUpdateSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import type { SubnetUpdate } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { systemClock } from '@subnetes/runtime/clock';
import { createLogger } from '@subnetes/telemetry/logger';
import { expect, test } from 'vitest';
import { applied, watchMarket } from './market-view.ts';

const networkId = new Uint8Array(32).fill(1);
const id = (fill: number) => new Uint8Array(32).fill(fill);
const update = (fields: MessageInitShape<typeof SubnetUpdateSchema>): SubnetUpdate =>
  create(SubnetUpdateSchema, { networkId, ...fields });

const first = update({
  snapshot: true,
  block: 5n,
  subnet: { netuid: 1 },
  neurons: [
    { uid: 0, registrationId: id(10) },
    { uid: 1, registrationId: id(11) },
  ],
});

test('changes add up to the state', () => {
  let state = applied(undefined, first);
  state = applied(state, update({ block: 6n, endedUids: [0] }));
  state = applied(state, update({ block: 7n, neurons: [{ uid: 1, registrationId: id(12) }] }));
  expect(state.block).toBe(7n);
  expect(state.blockTimeMs).toBe(12_000);
  expect(applied(state, update({ block: 8n, blockTimeMs: 2000 })).blockTimeMs).toBe(2000);
  expect([...state.neurons.values()].map((one) => one.registrationId[0])).toEqual([12]);
});

test('a snapshot replaces everything', () => {
  const state = applied(applied(undefined, first), update({ snapshot: true, block: 9n, subnet: { netuid: 1 } }));
  expect(state.neurons.size).toBe(0);
});

test('a stream that breaks is opened again, and one of another network is not believed', async () => {
  let opened = 0;
  const log = createLogger({ service: 'test', level: 'silent' });
  await using view = watchMarket({
    networkId,
    clock: { ...systemClock, sleep: async () => {} },
    log,
    async *watch(signal) {
      opened++;
      if (opened === 1) yield update({ ...first, networkId: id(9) });
      if (opened === 2) yield first;
      if (opened === 3) {
        yield update({ snapshot: true, block: 8n, subnet: { netuid: 1 } });
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
      }
    },
  });
  const state = await view.blockAfter(5n, AbortSignal.timeout(5000));
  expect([opened, state.block, state.neurons.size]).toEqual([3, 8n, 0]);
});
