import { expect, test } from 'vitest';
import type { Ledger } from '#domain/economy/ledger.ts';
import { deregister } from '#domain/economy/stake.ts';
import { causeOf, done, mandateOf, produce, stateText, testGenesis } from '#test/ledger-state.ts';
import { passEpoch, slashingMarket } from '#test/slashing-market.ts';
import { reportDeviation, type ToldDeviation } from './deviation.ts';

const epochs = [1, 2, 3].map((index) => ({
  index,
  inputsSha256: 'a'.repeat(64),
  deviationPpm: 399_000 + 1000 * index,
}));

function afterThree(genesis?: typeof testGenesis): { ledger: Ledger; told: ToldDeviation } {
  const ledger = slashingMarket(genesis);
  const registrationId = ledger.neuronByHotkey(1, 'v1')?.registrationId ?? '';
  for (const _epoch of epochs) passEpoch(ledger);
  return { ledger, told: { netuid: 1, registrationId, epochs } };
}

const tell = (ledger: Ledger, told: ToldDeviation) => ledger.decide((state) => reportDeviation(state, told));

test('what scoring tells of a validator is reported once, with the average of its epochs', () => {
  const { ledger, told } = afterThree();
  const reported = done(tell(ledger, told));
  expect(reported?.slash).toMatchObject({ type: 'Deviation', hotkey: 'v1', measured: 401_000, instance: '1-3' });
  expect(done(tell(ledger, told))).toMatchObject({ repeated: true });
  expect(ledger.slashes.size).toBe(1);
});

test('of a validator that has left it reaches what is unbonding', () => {
  const { ledger, told } = afterThree();
  const end = { netuid: 1, hotkey: 'v1', mandate: mandateOf('desk'), cause: causeOf('v1') };
  done(ledger.decide((state) => deregister(state, end)));
  produce(ledger, 1);
  expect(done(tell(ledger, told))?.slash.base).toBe(100_000_000_000n);
});

test('where nothing is slashed for it, of nobody, or of no epoch it changes nothing', () => {
  const off = afterThree(testGenesis);
  const on = afterThree();
  for (const [ledger, told] of [
    [off.ledger, off.told],
    [on.ledger, { ...on.told, registrationId: 'f'.repeat(64) }],
    [on.ledger, { ...on.told, epochs: [] }],
  ] as const) {
    const before = stateText(ledger);
    expect(done(tell(ledger, told))).toBeUndefined();
    expect(stateText(ledger)).toBe(before);
  }
});

test('too little of it is refused', () => {
  const { ledger, told } = afterThree();
  const less = { ...told, epochs: epochs.slice(1) };
  expect(tell(ledger, less)).toMatchObject({ ok: false, code: 'EVIDENCE_INSUFFICIENT' });
});
