import { expect, test } from 'vitest';
import { isTest, read, sources } from './repository.ts';

/** Where a name of the books is meant, or told beside the one that people know. */
const OF_THE_BOOKS: Readonly<Record<string, readonly string[]>> = {
  'packages/cli/src/token-names.ts': ['symbol'],
  'packages/cli/src/commands/ledger.ts': ['network.symbol'],
  'packages/cli/src/commands/status.ts': ['network.symbol'],
  'operator/src/adapters/views.ts': ['network.symbol'],
  'k8s/start/src/token-name.ts': ['symbol'],
};

/** A token's name as genesis has it, in what is written for people. */
const GENESIS_NAME =
  /\bsymbol: asset\b|\{ symbol \} = await|\bnetwork\.symbol(?!, amount:)\b|\?\? 'TAO'|\basset = 'TAO'|\} TAO\b|\/TAO'|suffix: TAO/g;

function genesisNames(text: string): readonly string[] {
  return [...text.matchAll(GENESIS_NAME)].map(([found]) => found);
}

test('amounts are told with the token’s present name', () => {
  const written = sources().filter(
    (file) => /^(packages\/cli|operator|k8s\/start|grafana)\/src\//.test(file) && !isTest(file),
  );
  const found = written
    .filter((file) => OF_THE_BOOKS[file] === undefined)
    .flatMap((file) => genesisNames(read(file)).map((name) => ({ file, name })));
  expect(found, 'take it from token-names.ts, in the operator from displaySymbol').toEqual([]);
  for (const [file, names] of Object.entries(OF_THE_BOOKS)) {
    expect({ file, has: names.every((name) => read(file).includes(name)) }).toEqual({ file, has: true });
  }
});

test.each([
  'const { block, symbol: asset } = await ledger.getNetwork({});',
  'const { symbol } = await ledger.getNetwork({});',
  'amountText({ asset: network.symbol, units })',
  "amountText({ asset: neuron.stake?.asset ?? 'TAO', units })",
  '`earned ${rao} TAO`',
  '`${due} TAO due`',
  "['EARNED/TAO']",
  "unit: 'suffix: TAO',",
])('%s is found', (line) => {
  expect(genesisNames(line)).toHaveLength(1);
});

test('an amount for programs has the name of the books', () => {
  expect(genesisNames('stake: { asset: network.symbol, amount: stakeRao.toString() },')).toEqual([]);
});
