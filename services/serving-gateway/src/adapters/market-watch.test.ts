import { create } from '@bufbuild/protobuf';
import { SubnetStateSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import { expect, test } from 'vitest';
import { subnetOf } from './market-watch.ts';

const stateOf = (phase: string | undefined) =>
  create(SubnetStateSchema, {
    netuid: 1,
    handle: 'sp500',
    active: { version: 1n, policy: { serving: { models: [{ name: 'forecast', versions: [{ version: '1' }] }] } } },
    ...(phase === undefined ? {} : { dissolution: { phase, atBlock: 100n } }),
  });

test.for([
  [undefined, ['forecast']],
  ['Announced', ['forecast']],
  ['Settling', []],
  ['Dissolved', []],
] as const)('a subnet whose end is %s sells %o', ([phase, models]) => {
  expect(subnetOf(stateOf(phase)).models.map(({ name }) => name)).toEqual(models);
});
