import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { verifyEnvelope } from '@subnetes/keys/envelope';
import { mandateOfText, readMandate } from '@subnetes/keys/mandate';
import { EnvelopeType } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { WalletOrderSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { openCommandLine, type CommandLine } from './command-line.ts';

let line: CommandLine;
beforeEach(async () => {
  line = await openCommandLine();
});
afterEach(() => line[Symbol.asyncDispose]());

const run = (...args: string[]) => line.run(...args);

describe('spending', () => {
  async function makeWallet(): Promise<string> {
    const made = await run('wallet', 'create', '--name', 'quant', '--json', ...line.wallets);
    expect(made.exitCode).toBe(0);
    return (made.json() as { address: string }).address;
  }

  test('wallet create writes an encrypted file for its owner alone, shows no secret, and never overwrites', async () => {
    const made = await run('wallet', 'create', '--name', 'quant', ...line.wallets);
    const path = join(line.folder, 'wallets', 'quant.json');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8')).not.toMatch(/mnemonic|words/);
    expect(made.out).not.toMatch(/(\b[a-z]+ ){11}[a-z]+/);
    expect((await run('wallet', 'create', '--name', 'quant', ...line.wallets)).err).toContain('WALLET_EXISTS');
    expect((await run('wallet', 'create', '--name', 'other', '--show-secret', ...line.wallets)).out).toMatch(
      /(\b[a-z]+ ){11}[a-z]+/,
    );
  });

  test('wallet transfer asks first, and signs an order that the ledger can verify', async () => {
    const address = await makeWallet();
    const args = [
      'wallet',
      'transfer',
      '--wallet',
      'quant',
      '--to',
      'billing:research',
      '--amount',
      '1.5',
      ...line.wallets,
    ];
    const declined = await run(...args);
    expect(declined.exitCode).toBe(2);
    expect(declined.questions).toEqual([`Pay 1.5 TAO from ${address} to billing:research?`]);
    expect(line.market.orders).toEqual([]);
    line.answersYes = true;
    expect((await run(...args)).exitCode).toBe(0);
    const verified = verifyEnvelope(line.market.orders[0], {
      networkId: line.market.networkId,
      type: EnvelopeType.WALLET_ORDER,
      block: 120n,
      signer: address,
    });
    expect(verified.ok).toBe(true);
    const { order } = fromBinary(WalletOrderSchema, line.market.orders[0]?.payload ?? new Uint8Array());
    expect(order.value).toMatchObject({ to: 'billing:research', amountRao: '1500000000' });
  });

  test('wallet sign shows that a wallet says something, and wallet verify asks nobody', async () => {
    const address = await makeWallet();
    const message = ['--message', 'I run validator val-a'];
    const signed = await run('wallet', 'sign', '--wallet', 'quant', ...message, '--json', ...line.wallets);
    const { signature } = signed.json() as { signature: string };
    expect(signed.json()).toEqual({ address, signature: expect.stringMatching(/^0x[0-9a-f]{128}$/) });
    const verify = (...args: string[]) => run('wallet', 'verify', '--address', address, '--signature', ...args);
    expect((await verify(signature, ...message)).out).toContain(`✔ ${address} has signed this message.`);
    const file = join(line.folder, 'message');
    writeFileSync(file, 'I run validator val-a\n');
    expect(await verify(signature, '--file', file)).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('BAD_SIGNATURE'),
    });
    expect(await verify('0x12', ...message)).toMatchObject({ exitCode: 64 });
    expect(await verify(signature)).toMatchObject({ exitCode: 64 });
    expect(line.market.orders).toEqual([]);
  });

  test('a wallet goes to Polkadot-JS and comes back, and words bring one anywhere', async () => {
    const address = await makeWallet();
    const out = join(line.folder, 'account.json');
    const exported = await run('wallet', 'export', '--wallet', 'quant', '--out', out, ...line.wallets);
    expect(exported).toMatchObject({ exitCode: 0 });
    expect(statSync(out).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(out, 'utf8'))).toMatchObject({ address, encoding: { version: '3' } });
    expect((await run('wallet', 'export', '--wallet', 'quant', '--out', out, ...line.wallets)).err).toContain(
      'FILE_NOT_WRITTEN',
    );
    const imported = await run('wallet', 'import', '--name', 'back', '--file', out, '--json', ...line.wallets);
    expect(imported.json()).toMatchObject({ address });
    const signed = await run('wallet', 'sign', '--wallet', 'back', '--message', 'hello', '--json', ...line.wallets);
    expect(signed.json()).toMatchObject({ address });
    const words = join(line.folder, 'words');
    writeFileSync(words, 'bottom drive obey lake curtain smoke\nbasket hold race lonely fit walk\n');
    const restored = await run('wallet', 'import', '--name', 'old', '--words-file', words, '--json', ...line.wallets);
    expect(restored.json()).toMatchObject({ address: '5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV' });
    writeFileSync(words, 'bottom drive obey');
    for (const wrong of [['--words-file', words], ['--file', words], []]) {
      expect(await run('wallet', 'import', '--name', 'none', ...wrong, ...line.wallets)).toMatchObject({
        exitCode: 64,
      });
    }
    writeFileSync(join(line.folder, 'passphrase'), 'wrong horse\n');
    expect((await run('wallet', 'import', '--name', 'none', '--file', out, ...line.wallets)).err).toContain(
      'WRONG_PASSPHRASE',
    );
  });

  test('a wrong passphrase opens nothing', async () => {
    await makeWallet();
    writeFileSync(join(line.folder, 'passphrase'), 'wrong horse\n');
    const told = await run(
      'wallet',
      'transfer',
      '--wallet',
      'quant',
      '--to',
      'billing:x',
      '--amount',
      '1',
      '--yes',
      ...line.wallets,
    );
    expect(told.exitCode).toBe(77);
    expect(told.err).toContain('WRONG_PASSPHRASE');
    expect(line.market.orders).toEqual([]);
  });

  test('miner register shows the exact cost, refuses a poor wallet, and binds the hotkey to its owner', async () => {
    const address = await makeWallet();
    const args = ['miner', 'register', '--subnet', 'sp500', '--wallet', 'quant', '--json', ...line.wallets];
    expect((await run(...args)).err).toContain('INSUFFICIENT_FUNDS');
    line.market.balances.set(address, 5_000_000_000n);
    const asked = await run(...args);
    expect(asked.questions[0]).toContain('for exactly 1 TAO, burned');
    line.answersYes = true;
    const done = await run(...args);
    expect(done.json()).toMatchObject({ uid: 12, costRao: '1000000000' });
    const { order } = fromBinary(WalletOrderSchema, line.market.orders[0]?.payload ?? new Uint8Array());
    if (order.case !== 'register') throw new Error(`a ${order.case ?? 'missing'} order came`);
    const binding = verifyEnvelope(order.value.binding, {
      networkId: line.market.networkId,
      type: EnvelopeType.HOTKEY_BINDING,
      block: 120n,
    });
    expect(binding.ok && new TextDecoder().decode(binding.payload)).toBe(address);
    expect(order.value).toMatchObject({ netuid: 1, maxCostRao: '1000000000', attempt: 1n });
    expect(statSync((done.json() as { hotkeyFile: string }).hotkeyFile).mode & 0o777).toBe(0o600);
  });

  test('mandate create prints a ConfigMap whose mandate verifies, with no server asked where all is given', async () => {
    await makeWallet();
    const networkId = line.market.networkId.toString('hex');
    const told = await run(
      'mandate',
      'create',
      '--wallet',
      'quant',
      '--grant',
      'finance',
      '--operations',
      'Register,Stake',
      '--max',
      '100',
      '--netuids',
      '1',
      '--cluster',
      'c1a2',
      '--network-id',
      networkId,
      '--not-after-block',
      '5000',
      ...line.wallets,
    );
    expect(told.exitCode).toBe(0);
    const configMap = parse(told.out) as {
      kind: string;
      metadata: { name: string; namespace: string };
      data: { mandate: string };
    };
    expect(configMap).toMatchObject({ kind: 'ConfigMap', metadata: { name: 'quant', namespace: 'finance' } });
    const read = readMandate(mandateOfText(configMap.data.mandate), { networkId: line.market.networkId, block: 4999n });
    expect(read.ok && read.mandate).toMatchObject({
      grantee: { cluster: 'c1a2', namespace: 'finance' },
      operations: ['Register', 'Stake'],
      netuids: [1],
      maxTotal: '100000000000',
    });
    expect(
      (
        await run(
          'mandate',
          'create',
          '--wallet',
          'quant',
          '--grant',
          'finance',
          '--operations',
          'Steal',
          '--max',
          '1',
          ...line.wallets,
        )
      ).err,
    ).toContain('"Steal" is none of Register');
  });

  test('key create shows the key once, list and revoke work', async () => {
    expect((await run('key', 'create', '--account', 'quant', '--owner', 'someone', '--json')).json()).toMatchObject({
      keyId: 'key_1',
      secret: 'sk_secret',
    });
    const listed = (await run('key', 'list', '--account', 'quant')).out.split('\n');
    expect(listed[1]).toMatch(/^key_2 .* 2023-11-14T22:13:20.000Z +valid$/);
    expect(listed[2]).toMatch(/^key_1 .* revoked 2023-11-14T22:13:21.000Z$/);
    expect((await run('key', 'revoke', 'key_1')).err).toBe('');
    expect(line.market.keys.revoked).toEqual(['key_1']);
  });

  test('key create and revoke say when the gateway could not be told', async () => {
    line.market.keys.isBusThere = false;
    expect((await run('key', 'create', '--account', 'quant')).err).toContain('as soon as it does');
    expect((await run('key', 'revoke', 'key_1')).err).toContain('still takes the key');
    expect((await run('key', 'revoke', 'key_1', '--json')).json()).toEqual({
      keyId: 'key_1',
      revoked: true,
      told: false,
    });
  });

  test('key create without an answer says that there may be a key, and how to end it', async () => {
    line.market.keys.losesAnswers = true;
    const { exitCode, err } = await run('key', 'create', '--account', 'quant');
    expect(exitCode).toBe(69);
    expect(err).toContain('subnetes key list --account quant shows it, and subnetes key revoke ends it');
  });
});
