import { createHash } from 'node:crypto';
import type { CommandContext } from '../command-context.ts';
import { print } from '../command-context.ts';
import { usageFailure } from '../failure.ts';
import { hotkeyOnTrial, openHotkey } from '../hotkey-store.ts';
import { hexOf } from '../number-text.ts';
import { type Ordering, sendOrder } from '../send-order.ts';
import { factLines } from '../table.ts';
import { signBinding } from '../wallet-order.ts';
import { readWallet } from '../wallet-store.ts';
import { addressOf } from './subnet-admission.ts';
import { tokenNamesOf } from '../token-names.ts';

export interface HotkeySwapOptions extends Ordering {
  readonly hotkey: string;
  /** Made where there is none. */
  readonly newHotkeyFile: string;
  /** undefined: wherever it is registered. */
  readonly netuid: number | undefined;
}

/** `subnetes wallet swap-hotkey`: a new hotkey takes an old one's place. */
export async function swapHotkey(context: CommandContext, options: HotkeySwapOptions): Promise<void> {
  const hotkey = addressOf('--hotkey', options.hotkey);
  const { address } = readWallet(context.walletDir, options.wallet);
  const network = await (await context.market.ledger()).getNetwork({});
  const { pair, isNew } = (options.dryRun ? hotkeyOnTrial : openHotkey)(options.newHotkeyFile);
  const { netuid } = options;
  const isUnkept = isNew && options.dryRun;
  const where = netuid === undefined ? 'wherever it is registered' : `in subnet ${netuid}`;
  const cost = netuid === undefined ? '0.1' : '0.001';
  await sendOrder(context, options, {
    order: {
      case: 'swapHotkey',
      value: {
        $typeName: 'subnetes.ledger.v1.SwapHotkeyOrder',
        hotkey,
        binding: signBinding(address, pair, { ...network, nowMs: context.now() }),
        ...(netuid === undefined ? {} : { netuid }),
      },
    },
    lines: [
      `${isUnkept ? 'A new hotkey' : `${pair.address}${isNew ? ' (new)' : ''}`} takes the place of ${hotkey} ${where}, for ${cost} ${tokenNamesOf(network).own}, burned`,
      'Uid, registration, stake, delegations, take, parents and children stay; the old hotkey is never registered there again.',
      `The neuron has to run with ${options.newHotkeyFile} from then on, and announces itself anew.`,
    ],
    question: 'Swap it',
    told: { hotkey, newHotkey: isUnkept ? null : pair.address, netuid: netuid ?? null },
  });
}

/** `subnetes wallet swap-coldkey announce`. */
export async function announceSwap(
  context: CommandContext,
  options: Ordering & { readonly to: string },
): Promise<void> {
  const newColdkey = targetOf(context, options);
  const newColdkeySha256 = createHash('sha256').update(newColdkey).digest();
  const network = await (await context.market.ledger()).getNetwork({});
  await sendOrder(context, options, {
    order: {
      case: 'announceColdkeySwap',
      value: {
        $typeName: 'subnetes.ledger.v1.AnnounceColdkeySwapOrder',
        newColdkeySha256: Uint8Array.from(newColdkeySha256),
      },
    },
    lines: [
      `${newColdkey} is to follow ${options.wallet}, from 36000 blocks on, for 0.1 ${tokenNamesOf(network).own}, burned`,
      'Until then the wallet can do nothing but swap or dispute: no transfer, no stake, no mandate, no session.',
    ],
    question: 'Announce it',
    told: { newColdkey, newColdkeySha256: newColdkeySha256.toString('hex') },
  });
}

/** `subnetes wallet swap-coldkey complete`. */
export async function completeSwap(
  context: CommandContext,
  options: Ordering & { readonly to: string },
): Promise<void> {
  const newColdkey = targetOf(context, options);
  await sendOrder(context, options, {
    order: { case: 'swapColdkey', value: { $typeName: 'subnetes.ledger.v1.SwapColdkeyOrder', newColdkey } },
    lines: [
      `all that ${options.wallet} has goes to ${newColdkey}: money, stake, delegations, hotkeys, subnets`,
      'Its mandates and sessions end. Epochs that are sealed are paid as they were sealed, to the old key.',
    ],
    question: 'Swap it',
    told: { newColdkey },
  });
}

/** `subnetes wallet swap-coldkey dispute`. */
export async function disputeSwap(context: CommandContext, options: Ordering): Promise<void> {
  await sendOrder(context, options, {
    order: {
      case: 'disputeColdkeySwap',
      value: { $typeName: 'subnetes.ledger.v1.DisputeColdkeySwapOrder' },
    },
    lines: [
      `the announced swap of ${options.wallet} is not carried out, and nothing goes out of the wallet until the network has settled it`,
    ],
    question: 'Dispute it',
    told: {},
  });
}

/** `subnetes wallet swap-coldkey show`. */
export async function showSwap(context: CommandContext, name: string): Promise<void> {
  const coldkey = name.length > 45 ? addressOf('<wallet>', name) : readWallet(context.walletDir, name).address;
  const swap = await (await context.market.mandates()).getColdkeySwap({ coldkey });
  const { announced, announcedAtBlock, fromBlock, disputed } = swap;
  const newColdkeySha256 = hexOf(swap.newColdkeySha256);
  print(context, {
    value: announced
      ? { coldkey, announced, newColdkeySha256, announcedAtBlock, fromBlock, disputed }
      : { coldkey, announced },
    lines: announced
      ? factLines([
          ['announced', `block ${announcedAtBlock}`],
          ['can be carried out', disputed ? 'not: it is disputed' : `from block ${fromBlock} on`],
          ['sha256 of the new key', newColdkeySha256],
        ])
      : [`${coldkey} has announced no swap`],
  });
}

/** A wallet here or an address; a wallet is safer, since whoever names it has the key. */
function targetOf(context: CommandContext, { to, wallet }: { readonly to: string; readonly wallet: string }): string {
  const address = to.length > 45 ? addressOf('--to', to) : readWallet(context.walletDir, to).address;
  if (address !== readWallet(context.walletDir, wallet).address) return address;
  throw usageFailure('--to is the wallet itself');
}
