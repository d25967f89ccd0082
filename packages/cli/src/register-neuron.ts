import { create } from '@bufbuild/protobuf';
import { mandateOfText } from '@subnetes/keys/mandate';
import { amountText } from '@subnetes/money/amount';
import type { SignedEnvelope } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { type RegisterOrder, RegisterOrderSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import type { Neuron, SubnetState } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import { RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import type { CommandContext } from './command-context.ts';
import { notConfirmed } from './commands/wallet.ts';
import { EXIT, Failure, usageFailure } from './failure.ts';
import { hotkeyOnTrial, hotkeyPath, openHotkey } from './hotkey-store.ts';
import { readPassphrase } from './io.ts';
import { raoOf } from './number-text.ts';
import { printDryRun } from './order-preview.ts';
import { raoOfOption } from './token-amount.ts';
import { signBinding, signOrder } from './wallet-order.ts';
import { readWallet, unlockWallet } from './wallet-store.ts';
import { tokenNamesOf } from './token-names.ts';

export interface RegistrationWish {
  readonly subnet: SubnetState;
  readonly wallet: string;
  readonly hotkeyFile: string | undefined;
  /** Tokens; the price shown is the limit where this is not given. */
  readonly maxCost: string | undefined;
  /** Rao that goes onto the hotkey with the registration. */
  readonly stake: bigint;
  /** Base64 of the subnet owner's invitation. */
  readonly invitation?: string | undefined;
  readonly yes: boolean;
  readonly dryRun: boolean;
}

export interface Registered {
  readonly neuron: Neuron | undefined;
  readonly hotkey: string;
  readonly hotkeyPath: string;
  /** Rao, burned. */
  readonly cost: bigint;
  /** What its token is called. */
  readonly asset: string;
  readonly block: bigint;
  readonly sequence: bigint;
}

/**
 * Registers a hotkey by its owner's own order: shows the exact cost and asks before it pays. A dry run tells that and answers nothing,
 * and makes no hotkey.
 */
export async function registerNeuron(context: CommandContext, wish: RegistrationWish): Promise<Registered | undefined> {
  const { subnet } = wish;
  const file = readWallet(context.walletDir, wish.wallet);
  const ledger = await context.market.ledger();
  const network = await ledger.getNetwork({});
  const path = wish.hotkeyFile ?? hotkeyPath(context.walletDir, `${wish.wallet}-${subnet.handle}`);
  const hotkey = wish.dryRun ? hotkeyOnTrial(path) : openHotkey(path);
  const cost = raoOf(subnet.registrationCost?.amount);
  const { own: asset } = tokenNamesOf(network);
  const attempt = await nextAttempt(context, subnet.netuid, hotkey.pair.address);
  const spendable = await readSpendable(context, file.address);
  const text = (units: bigint): string => amountText({ asset, units });
  if (spendable < cost + wish.stake) {
    const needs = wish.stake === 0n ? text(cost) : `${text(cost)} and the stake is ${text(wish.stake)}`;
    throw new Failure({
      code: 'INSUFFICIENT_FUNDS',
      message: `registration costs ${needs}, wallet ${wish.wallet} has ${text(spendable)} to spend`,
      exitCode: EXIT.refused,
      remedy: `send the rest to ${file.address}`,
    });
  }
  const signing = { ...network, nowMs: context.now() };
  const order = {
    case: 'register',
    value: registerOrder(wish, { binding: signBinding(file.address, hotkey.pair, signing), cost, attempt }),
  } as const;
  if (wish.dryRun) {
    const kept = hotkey.isNew ? null : hotkey.pair.address;
    const after = spendable - cost - wish.stake;
    const burned = `a registration on ${subnet.handle} (netuid ${subnet.netuid}) costs ${text(cost)}, burned`;
    const line = `${burned}${wish.stake === 0n ? '' : `, and ${text(wish.stake)} go onto the hotkey`}; to spend: ${text(spendable)} → ${text(after)}`;
    const told = { netuid: subnet.netuid, hotkey: kept, hotkeyFile: path, costRao: cost, stakeRao: wish.stake };
    const balance = { beforeRao: spendable, afterRao: after };
    await printDryRun(context, { wallet: wish.wallet, order, told: { ...told, ...balance }, lines: [line] });
    return undefined;
  }
  context.io.err(`Hotkey ${hotkey.pair.address} (${hotkey.isNew ? 'new, ' : ''}${path})`);
  const staked = wish.stake === 0n ? '' : ` and ${text(wish.stake)} of stake`;
  const question = `Register it on ${subnet.handle} (netuid ${subnet.netuid}) for exactly ${text(cost)}, burned,${staked} from ${file.address} (${text(spendable)})?`;
  if (!wish.yes && !(await context.io.confirm(question))) throw notConfirmed();
  const passphrase = await readPassphrase(context.io, { file: context.options.passphraseFile, isNew: false });
  const coldkey = await unlockWallet(file, passphrase);
  const { neuron, block, sequence } = await ledger.submitOrder({
    order: signOrder(order, coldkey, { ...network, nowMs: context.now() }),
  });
  return { neuron, hotkey: hotkey.pair.address, hotkeyPath: path, cost, asset, block, sequence };
}

function registerOrder(
  wish: RegistrationWish,
  { binding, cost, attempt }: { readonly binding: SignedEnvelope; readonly cost: bigint; readonly attempt: bigint },
): RegisterOrder {
  const maxCost = wish.maxCost === undefined ? cost : raoOfOption('--max-cost', wish.maxCost);
  return create(RegisterOrderSchema, {
    ...(wish.invitation === undefined ? {} : { invitation: invitationOf(wish.invitation) }),
    netuid: wish.subnet.netuid,
    binding,
    maxCostRao: maxCost.toString(),
    attempt,
    initialStakeRao: wish.stake === 0n ? '' : wish.stake.toString(),
  });
}

function invitationOf(text: string): SignedEnvelope {
  const envelope = mandateOfText(text);
  if (envelope === undefined) throw usageFailure('--invitation is not what `subnetes subnet invite` printed');
  return envelope;
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
        remedy: 'nothing to do; for a second one name another --hotkey-file',
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
