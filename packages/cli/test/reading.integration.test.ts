import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXAMPLE_FUNCTIONS_BASE64 } from '@subnetes/incentive/gen/example-functions';
import type { Explanation, PotRule } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openCommandLine, type CommandLine } from './command-line.ts';

let line: CommandLine;
beforeEach(async () => {
  line = await openCommandLine();
});
afterEach(() => line[Symbol.asyncDispose]());

const run = (...args: string[]) => line.run(...args);

describe('reading', () => {
  test('status shows miners with incentive and why, validators with trust, and exact figures as JSON', async () => {
    const told = await run('status');
    expect(told.exitCode).toBe(0);
    expect(told.out).toContain('sp500 (netuid 1)  epoch 5 paid  next epoch at block 131');
    expect(told.out).toMatch(/garch\s+3\s+0\.624\s+5\.120\s+0\.00515\s+best calibrated at both horizons/);
    expect(told.out).toMatch(/val-a\s+0\s+4500\.000/);
    expect(told.out.indexOf('garch')).toBeLessThan(told.out.indexOf('ewma'));
    const { subnets } = (await run('status', '--json')).json() as {
      subnets: { neurons: { name: string; earnedRao: string }[] }[];
    };
    expect(subnets[0]?.neurons.find(({ name }) => name === 'garch')?.earnedRao).toBe('5120144371');
  });

  test('explain miner adds up to the rao, names what would lift it, and verifies all of it on this machine', async () => {
    const told = await run('explain', 'miner', 'ewma', '--epoch', '5');
    expect(told).toMatchObject({ exitCode: 0, err: '' });
    const { out } = told;
    expect(out).toContain('mechanism 0, 2 of 3 of the emission');
    expect(out).toMatch(
      /val-b +0\.349999999 +0\.374074921 +0\.369649805 +0\.004425116 +555671838 +684561883 +871315511\n/,
    );
    expect(out).toMatch(/rounding +1 +3\n +sum +1309429258 +1613155999 +2053237084\n/);
    expect(out).toContain('rank 1309429258 of 3486306247 (all neurons), in units of 2^-32, is incentive 0.375592149');
    expect(out).toContain('of 5.466666667 TAO that is 2.053237084 TAO; flooring left 6 rao of both pots to nobody');
    expect(out).toContain('Place 2 of 2. 0.2488157 of incentive behind garch, the next better.');
    expect(out).toContain(
      'The cheapest change to pass garch: val-b gives 0.252460704 more (its weight 24515 → 65535, the others × 62411/65535); then incentive 0.500, place 1, 2.733334005 TAO of the same pot.',
    );
    expect(out).toContain('validators with 0.800 of stake (val-a, val-b) give 0.126237888 more each');
    expect(out).toContain('val-b gives more than the consensus already');
    expect(out).toContain('val-c alone cannot, not with all of its weight.');
    expect(out).toContain('Verified: recomputed here from stored inputs, bit for bit, every line and change above.');
    expect((await run('explain', 'miner', 'garch')).out).toContain('Place 1: you are first. Lead over ewma: 0.249.');
  });

  test('explain validator says what each part of the formula did and what other weights would bring', async () => {
    const { out, exitCode } = await run('explain', 'validator', 'val-c');
    expect(exitCode).toBe(0);
    expect(out).toMatch(
      /ewma +0\.045777065 +0\.045777065 +– +0\.058309037 +1613155999 +94061574 +47911401 +60981991\n/,
    );
    expect(out).toContain('earned 157883832 × stake share 0.199999999 = 31576766 of 1686410149 (all neurons)');
    expect(out).toContain('earned 80738530 (stake counts in the bonds under Yuma 2) of 4294967291 (all neurons)');
    expect(out).toMatch(/without the clipping of everybody's weights +0\.120181448 +656991917 +\+554632682\n/);
    expect(out).toContain('0.10217985 TAO with the same weights, +573443974 rao with the consensus of every miner.');
    expect(out).toMatch(/copycat +0\.923704890 +0\.000000000 +60535 → 0 +\+444194285\n/);
    expect(out).toContain('Verified');
  });

  test('explain --json is exact: shares in 2^-32, money in rao', async () => {
    const value = (await run('explain', 'miner', 'ewma', '--json')).json() as {
      verified: boolean;
      accounts: {
        miner: { lines: { rao: string }[]; raoRest: string; rao: string };
        minerLever: { passUid: number };
      }[];
      incentiveRao: string;
    };
    const [first] = value.accounts;
    const sum = first?.miner.lines.reduce((total, { rao }) => total + BigInt(rao), BigInt(first.miner.raoRest));
    expect(sum).toBe(2_053_237_084n);
    expect(value.accounts.reduce((total, { miner }) => total + BigInt(miner.rao), 0n)).toBe(BigInt(value.incentiveRao));
    expect(value).toMatchObject({ verified: true, accounts: [{ minerLever: { passUid: 3 } }, {}] });
  });

  test('explain says when this machine gets something else', async () => {
    line.market.spoilEpoch();
    const told = await run('explain', 'validator', 'val-a');
    expect(told.out).toContain('NOT verified');
    expect((await run('epoch', 'replay', '--netuid', '1')).exitCode).toBe(1);
  });

  test.for<[string, (explanation: Explanation) => void]>([
    ['a line of an account', ({ accounts }) => void (accounts[0]!.miner!.lines[1]!.emissionRao = '871315512')],
    ['a lever', ({ accounts }) => void (accounts[1]!.miner!.lever!.raises[0]!.toU16 += 1)],
    ['what other weights would bring', ({ accounts }) => void (accounts[0]!.miner!.lever!.together!.moreQ32 -= 1n)],
    ['a whole account', ({ accounts }) => void accounts.pop()],
    ['something that this version does not know', ({ accounts }) => void (accounts[0]!.potRule = 99 as PotRule)],
  ])('explain says so when scoring tells something else: %s', async ([, change]) => {
    line.market.spoilExplanations(change);
    const told = await run('explain', 'miner', 'ewma');
    expect(told.exitCode).toBe(0);
    expect(told.out).toContain('NOT verified: this machine gets something else');
  });

  test('a name that nobody has is refused with the names that there are', async () => {
    const told = await run('explain', 'miner', 'gorch');
    expect(told.exitCode).toBe(2);
    expect(told.err).toContain('no registered miner is called gorch (NEURON_NOT_FOUND)');
    expect(told.err).toContain('copycat, ewma, garch');
  });

  test('epoch replay gets the hash that scoring stored, by both implementations', async () => {
    const told = await run('epoch', 'replay', '--netuid', '1', '--epoch', '5');
    expect(told.exitCode).toBe(0);
    expect(told.out).toMatch(/✔ +outputs by the kernel/);
    expect(told.out).toContain('Equal: recomputed here from stored inputs, bit for bit, by both implementations.');
  });

  test('epoch replay names the first differences by field and uid, and ends with 1', async () => {
    line.market.spoilEpoch();
    const told = await run('epoch', 'replay', '--netuid', '1');
    expect(told.exitCode).toBe(1);
    expect(told.out).toMatch(/✘ +outputs as stored/);
    expect(told.out).toContain('The readable implementation and the kernel agree with each other.');
    expect(told.out).toMatch(/neurons\.permit +0 +false +true/);
    const { err } = await run('epoch', 'replay', '--netuid', '1', '--json');
    expect(JSON.parse(err)).toMatchObject({ error: { code: 'REPLAY_DIFFERS' } });
  });

  test('epoch replay --set pays the same pot by other rules, in the integers of the protocol', async () => {
    const args = ['epoch', 'replay', '--netuid', '1', '--set', 'kappa=0.1', '--set', 'bondsMovingAverage=0.5'];
    const { out, exitCode } = await run(...args);
    expect(exitCode).toBe(0);
    expect(out).toContain('  kappaU16 32767 → 6553  (kappa=0.1, floored)\n');
    expect(out).toContain('  bondsMovingAveragePpm 900000 → 500000  (bondsMovingAverage=0.5)\n');
    expect(out).toMatch(/pot +16400000001 +16400000001 +0\n/);
    expect(out).toContain('Computed by the readable implementation; the kernel gets the same.');
    const { whatIf, equal } = (await run(...args, '--json')).json() as {
      equal: boolean;
      whatIf: { neurons: { differenceRao: string }[]; unattributedRao: string; wouldBeUnattributedRao: string };
    };
    expect(equal).toBe(true);
    const differences = whatIf.neurons.map(({ differenceRao }) => Number(differenceRao));
    expect(differences).toEqual(differences.toSorted((left, right) => right - left));
    const rest = Number(whatIf.wouldBeUnattributedRao) - Number(whatIf.unattributedRao);
    expect(differences.reduce((sum, difference) => sum + difference, rest)).toBe(0);
    expect(differences[0]).toBeGreaterThan(0);
  });

  test('epoch replay --function pays the same pot as a module would have divided it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'subnetes-function-'));
    const file = join(folder, 'winner.wasm');
    writeFileSync(file, Buffer.from(EXAMPLE_FUNCTIONS_BASE64['winner-takes-most'], 'base64'));
    const told = await run('epoch', 'replay', '--netuid', '1', '--function', file, '--json');
    rmSync(folder, { recursive: true });
    expect(told.exitCode).toBe(0);
    const { equal, whatIf } = told.json() as {
      equal: boolean;
      whatIf: { kernelAgrees: boolean; neurons: { differenceRao: string }[] };
    };
    expect({ equal, agrees: whatIf.kernelAgrees }).toEqual({ equal: true, agrees: true });
    const gains = whatIf.neurons.filter(({ differenceRao }) => BigInt(differenceRao) > 0n);
    expect(gains).toHaveLength(1); // the winner's
  });

  test.for([['val-b'], ['hotkey-of-val-b'], ['1']])('epoch replay --without-validator %s', async ([name = '']) => {
    const { out, exitCode } = await run('epoch', 'replay', '--netuid', '1', '--without-validator', name);
    expect(exitCode).toBe(0);
    expect(out).toContain('  without validator val-b (uid 1)\n');
    expect(out).toMatch(/val-b +1 +3520238073 +0 +-3520238073 /);
  });

  test.for([
    [['--set', 'kappo=1'], 64, 'there are kappa, kappaU16, bondsPenalty'],
    [['--set', 'kappa'], 64, 'write NAME=VALUE, where NAME is one of kappa'],
    [['--set', 'kappa=1.2'], 64, 'kappa: "1.2" is not 0 to 1'],
    [['--set', 'kappa=0.6', '--set', 'kappaU16=3'], 64, 'kappaU16 is set twice'],
    [['--without-validator', 'val-x'], 2, 'nobody called val-x was registered at that epoch (NEURON_NOT_FOUND)'],
    [['--without-validator', '77'], 2, 'val-a is uid 0, val-b is uid 1'],
    [['--epoch', '9'], 2, 'EPOCH_NOT_FOUND'],
  ] as const)('epoch replay %j is refused', async ([args, exitCode, message]) => {
    const told = await run('epoch', 'replay', '--netuid', '1', ...args);
    expect(told.exitCode).toBe(exitCode);
    expect(told.err).toContain(message);
  });

  test('ledger verify follows a whole journal over several pages', async () => {
    const told = await run('ledger', 'verify', '--json');
    expect(told.exitCode).toBe(0);
    expect(told.json()).toMatchObject({
      ok: true,
      entries: 2503,
      differenceRao: '0',
      issuedRao: '2600000000000',
      burnedRao: '1000000000',
    });
  });

  test('ledger verify names the first entry that was changed', async () => {
    line.market.spoilJournal();
    const told = await run('ledger', 'verify');
    expect(told.exitCode).toBe(1);
    expect(told.out).toContain('✘ entry 1701: its hash is');
    expect(told.err).toContain('JOURNAL_BROKEN');
  });

  test('doctor says what is well', async () => {
    const told = await run('doctor');
    expect(told.out).toContain('ledger difference 0 rao over 2503 journal entries');
    expect(told.out).toContain('blocks come');
    expect(told.exitCode).toBe(0);
    const ill = await run('doctor', '--hotkey', 'nobody', '--json');
    expect(ill.exitCode).toBe(1);
    expect(ill.out).toContain('is registered nowhere');
  });
});

describe('the program', () => {
  test('a market that is not there ends with 69 and says what to do', async () => {
    const told = await run('status', '--ledger', '127.0.0.1:1', '--scoring', '127.0.0.1:1');
    expect(told.exitCode).toBe(69);
    expect(told.err).toContain('npm run status');
  });

  test('a wrong command line ends with 64, and errors are JSON with --json', async () => {
    expect((await run('stats')).exitCode).toBe(64);
    const told = await run('explain', 'miner', 'gorch', '--json');
    expect(JSON.parse(told.err)).toMatchObject({ error: { code: 'NEURON_NOT_FOUND' } });
  });

  test.for([['subnetes'], ['kubectl-subnetes']])('npm links %s, and --help names every command', ([name = '']) => {
    const bin = join(import.meta.dirname, '../../../node_modules/.bin', name);
    const told = spawnSync(bin, ['--help'], { encoding: 'utf8' });
    expect(told.stderr).toBe('');
    for (const command of ['status', 'explain', 'epoch', 'ledger', 'wallet', 'mandate', 'miner', 'key', 'doctor'])
      expect(told.stdout).toContain(command);
    expect(told.status).toBe(0);
  });
});
