import { amountText } from '@subnetes/money/amount';
import { RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import type { CommandContext } from '../command-context.ts';
import { print } from '../command-context.ts';
import { EXIT, Failure } from '../failure.ts';
import { hotkeyPath, openHotkey } from '../hotkey-store.ts';
import { readPassphrase } from '../io.ts';
import { findSubnet } from '../neuron-finder.ts';
import { raoOf } from '../number-text.ts';
import { raoOfOption } from '../token-amount.ts';
import { readWallet, unlockWallet } from '../wallet-store.ts';
import { signBinding, signOrder } from '../wallet-order.ts';
import { notConfirmed } from './wallet.ts';

export interface RegisterOptions {
  /** Handle or netuid. */
  readonly subnet: string;
  readonly wallet: string;
  readonly hotkeyFile: string | undefined;
  /** Tokens; the price shown is the limit where this is not given. */
  readonly maxCost: string | undefined;
  readonly yes: boolean;
}

/** `subnetes miner register`: for a neuron outside any cluster. Shows the exact cost and asks before it pays. */
export async function registerMiner(context: CommandContext, options: RegisterOptions): Promise<void> {
  const file = readWallet(context.walletDir, options.wallet);
  const ledger = await context.market.ledger();
  const [network, subnet] = await Promise.all([ledger.getNetwork({}), findSubnet(context.market, options.subnet)]);
  const path = options.hotkeyFile ?? hotkeyPath(context.walletDir, `${options.wallet}-${subnet.handle}`);
  const hotkey = openHotkey(path);
  const cost = raoOf(subnet.registrationCost?.amount);
  const asset = network.symbol;
  const [attempt, spendable] = await Promise.all([
    nextAttempt(context, subnet.netuid, hotkey.pair.address),
    readSpendable(context, file.address),
  ]);
  if (spendable < cost) {
    throw new Failure({
      code: 'INSUFFICIENT_FUNDS',
      message: `registration costs ${amountText({ asset, units: cost })}, wallet ${options.wallet} has ${amountText({ asset, units: spendable })} to spend`,
      exitCode: EXIT.refused,
      remedy: `send the rest to ${file.address}`,
    });
  }
  context.io.err(`Hotkey ${hotkey.pair.address} (${hotkey.isNew ? 'new, ' : ''}${path})`);
  const question = `Register it on ${subnet.handle} (netuid ${subnet.netuid}) for exactly ${amountText({ asset, units: cost })}, burned, from ${file.address} (${amountText({ asset, units: spendable })})?`;
  if (!options.yes && !(await context.io.confirm(question))) throw notConfirmed();
  const coldkey = await unlockWallet(
    file,
    await readPassphrase(context.io, { file: context.options.passphraseFile, isNew: false }),
  );
  const signing = { ...network, nowMs: context.now() };
  const maxCost = options.maxCost === undefined ? cost : raoOfOption('--max-cost', options.maxCost);
  const binding = signBinding(coldkey.address, hotkey.pair, signing);
  const value = {
    $typeName: 'subnetes.ledger.v1.RegisterOrder' as const,
    netuid: subnet.netuid,
    binding,
    maxCostRao: maxCost.toString(),
    attempt,
  };
  const done = await ledger.submitOrder({ order: signOrder({ case: 'register', value }, coldkey, signing) });
  print(context, {
    value: {
      netuid: subnet.netuid,
      uid: done.neuron?.uid,
      hotkey: hotkey.pair.address,
      hotkeyFile: path,
      costRao: cost,
      block: done.block,
      sequence: done.sequence,
    },
    lines: [
      `Registered on ${subnet.handle} as uid ${done.neuron?.uid ?? '?'} for ${amountText({ asset, units: cost })}, block ${done.block}, journal entry ${done.sequence}.`,
      `Start your miner with the hotkey file ${path}: it announces its own endpoint. Then: subnetes doctor --hotkey ${hotkey.pair.address}`,
    ],
  });
}

/** Registrations of this hotkey that have ended, plus one; refuses one that is registered. */
async function nextAttempt(context: CommandContext, netuid: number, hotkey: string): Promise<bigint> {
  const ledger = await context.market.ledger();
  try {
    const registration = await ledger.getRegistration({ netuid, hotkey });
    if (registration.neuron !== undefined) {
      throw new Failure({
        code: 'ALREADY_REGISTERED',
        message: `${hotkey} is registered on netuid ${netuid} as uid ${registration.neuron.uid}`,
        exitCode: EXIT.refused,
        remedy: 'nothing to do; for a second miner name another --hotkey-file',
      });
    }
    return registration.endedRegistrations + 1n;
  } catch (error) {
    if (error instanceof RpcError && error.code === RpcCode.NOT_FOUND) return 1n; // never registered
    throw error;
  }
}

async function readSpendable(context: CommandContext, account: string): Promise<bigint> {
  const ledger = await context.market.ledger();
  const { balances } = await ledger.getBalances({ accounts: [account] });
  return raoOf(balances[0]?.posted?.amount) - raoOf(balances[0]?.held?.amount);
}
