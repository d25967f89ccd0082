import { create } from '@bufbuild/protobuf';
import { type Neuron, NeuronSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import { expect, test } from 'vitest';
import epoch from '../test/fixtures/epoch.json' with { type: 'json' };
import { readInputs } from '@subnetes/replay/recompute-epoch';
import { overrideOf, uidsOf } from './what-if.ts';

const document = readInputs(epoch.inputsJson);
/** Named after resources of two namespaces; the last registered after the epoch. */
const neurons: Neuron[] = ['val', 'val-b', 'val', 'garch', 'newcomer'].map((name, at) =>
  create(NeuronSchema, {
    uid: at,
    registrationId: Buffer.from((name === 'newcomer' ? 99 : at + 1).toString(16).padStart(64, '0'), 'hex'),
    managedBy: { kind: 'Validator', namespace: `n${at}`, name },
  }),
);

test('a validator is found by uid, hotkey or name, as it was registered at that epoch', () => {
  expect(uidsOf(['2', 'hotkey-of-val-a', 'val-b'], document, neurons)).toEqual([2, 0, 1]);
  expect(uidsOf([], document, [])).toEqual([]);
});

test.for([
  ['newcomer', 'NEURON_NOT_FOUND'],
  ['77', 'NEURON_NOT_FOUND'],
  ['val', 'AMBIGUOUS_NAME'],
])('%s is refused: %s', ([name = '', code]) => {
  expect(() => uidsOf([name], document, neurons)).toThrow(expect.objectContaining({ code }) as Error);
});

test.for(['kappa', '=1', 'kap pa=1', `${'k'.repeat(41)}=1`, `kappa=${'1'.repeat(65)}`])(
  '--set %s is no setting',
  (text) => {
    expect(() => overrideOf(text)).toThrow('write NAME=VALUE');
  },
);

test('a value may hold what its parameter takes', () => {
  expect(overrideOf('liquidAlpha=0.7,0.9,-1.5')).toEqual({ name: 'liquidAlpha', value: '0.7,0.9,-1.5' });
});
