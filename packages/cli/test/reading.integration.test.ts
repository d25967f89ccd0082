import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
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

  test('explain miner names who gave what, and verifies the epoch on this machine', async () => {
    const told = await run('explain', 'miner', 'ewma', '--epoch', '5');
    expect(told.exitCode).toBe(0);
    expect(told.out).toMatch(/val-a\s+0\.450000000\s+0\.413100000\s+0\.410200000\s+0\.002900000/);
    expect(told.out).toContain('0.248806000 of incentive behind garch');
    expect(told.out).toContain('0.01 of incentive was 0.081 TAO in this epoch.');
    expect((await run('explain', 'miner', 'garch')).out).toContain('you are first. Lead over ewma: 0.249.');
    expect(told.out).toContain('Verified: recomputed here from stored inputs, bit for bit.');
  });

  test('explain says when this machine gets something else', async () => {
    line.market.spoilEpoch();
    const told = await run('explain', 'validator', 'val-a');
    expect(told.out).toContain('NOT verified');
    expect((await run('epoch', 'replay', '--netuid', '1')).exitCode).toBe(1);
  });

  test('a name that nobody has is refused with the names that there are', async () => {
    const told = await run('explain', 'miner', 'gorch');
    expect(told.exitCode).toBe(2);
    expect(told.err).toContain('no registered miner is called gorch (NEURON_NOT_FOUND)');
    expect(told.err).toContain('copycat, ewma, garch');
  });

  test('epoch replay gets the hash that scoring stored', async () => {
    const told = await run('epoch', 'replay', '--netuid', '1', '--epoch', '5');
    expect(told.exitCode).toBe(0);
    expect(told.out).toContain('Equal: recomputed here from stored inputs, bit for bit.');
  });

  test('epoch replay --set tells what would be, and refuses names that it does not know', async () => {
    const { before, after } = (
      await run('epoch', 'replay', '--netuid', '1', '--set', 'kappa=0.9', '--json')
    ).json() as { before: { incentive: number }[]; after: { incentive: number }[] };
    expect(after[5]?.incentive).not.toBe(undefined);
    expect(after.map(({ incentive }) => incentive)).not.toEqual(before.map(({ incentive }) => incentive));
    const refused = await run('epoch', 'replay', '--netuid', '1', '--set', 'kappo=1');
    expect(refused.exitCode).toBe(64);
    expect(refused.err).toContain('kappa');
    expect((await run('epoch', 'replay', '--netuid', '1', '--epoch', '9')).err).toContain('EPOCH_NOT_FOUND');
  });

  test('ledger verify follows a whole journal over several pages', async () => {
    const told = await run('ledger', 'verify', '--json');
    expect(told.exitCode).toBe(0);
    expect(told.json()).toMatchObject({
      ok: true,
      entries: 2502,
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
    expect(told.out).toContain('ledger difference 0 rao over 2502 journal entries');
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
