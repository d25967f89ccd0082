import { randomUUID } from 'node:crypto';
import { signInvitation } from '@subnetes/keys/invitation';
import { mandateSha256, mandateText } from '@subnetes/keys/mandate';
import { publicKeyOf } from '@subnetes/keys/ss58';
import type { WalletOrder } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import type { SubnetState } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import type { CommandContext } from '../command-context.ts';
import { print } from '../command-context.ts';
import { usageFailure } from '../failure.ts';
import { readPassphrase } from '../io.ts';
import { findSubnet } from '../neuron-finder.ts';
import { hexOf } from '../number-text.ts';
import { type Ordering, sendOrder } from '../send-order.ts';
import { tableLines } from '../table.ts';
import { readWallet, unlockWallet } from '../wallet-store.ts';

export interface InviteOptions {
  /** Handle or netuid. */
  readonly subnet: string;
  readonly wallet: string;
  /** undefined: whoever has it may use it. */
  readonly hotkey: string | undefined;
  readonly uses: number;
  readonly blocks: number;
}

/** `subnetes subnet invite`: prints what lets a hotkey register in a subnet whose owner approves who does. */
export async function invite(context: CommandContext, options: InviteOptions): Promise<void> {
  const subnet = await findSubnet(context.market, options.subnet);
  const hotkey = options.hotkey === undefined ? '' : addressOf('--hotkey', options.hotkey);
  if (options.uses < 1 || options.uses > 256) throw usageFailure('--uses must be 1 to 256');
  const file = readWallet(context.walletDir, options.wallet);
  if (file.address !== subnet.ownerColdkey) throw notOwner(subnet, options.wallet);
  const { networkId, block } = await (await context.market.ledger()).getNetwork({});
  const passphrase = await readPassphrase(context.io, { file: context.options.passphraseFile, isNew: false });
  const coldkey = await unlockWallet(file, passphrase);
  const invitation = {
    networkId: hexOf(networkId),
    netuid: subnet.netuid,
    hotkey,
    maxUses: options.uses,
    expiresAtBlock: (block + BigInt(options.blocks)).toString(),
    nonce: randomUUID(),
  };
  const envelope = signInvitation(invitation, coldkey);
  const whom = hotkey === '' ? 'Whoever has this' : hotkey;
  context.io.err(
    `${whom} may register on ${subnet.handle} ${options.uses} times until block ${invitation.expiresAtBlock}.`,
  );
  const text = mandateText(envelope);
  print(context, { value: { invitation, sha256: hexOf(mandateSha256(envelope)), text }, lines: [text] });
}

type AdmissionCase = 'requestRegistration' | 'approveRegistration' | 'denyRegistration';

const ADMISSIONS = {
  requestRegistration: { message: 'subnetes.ledger.v1.RequestRegistrationOrder', says: 'asks to register' },
  approveRegistration: { message: 'subnetes.ledger.v1.ApproveRegistrationOrder', says: 'may register' },
  denyRegistration: { message: 'subnetes.ledger.v1.DenyRegistrationOrder', says: 'may not register' },
} as const;

export interface AdmissionOptions extends Ordering {
  readonly subnet: string;
  readonly hotkey: string;
}

/** `subnetes subnet request`, `approve`, `deny`. */
export async function orderAdmission(
  context: CommandContext,
  options: AdmissionOptions,
  which: AdmissionCase,
): Promise<void> {
  const subnet = await findSubnet(context.market, options.subnet);
  const hotkey = addressOf('--hotkey', options.hotkey);
  const { netuid, handle } = subnet;
  const isOwner = readWallet(context.walletDir, options.wallet).address === subnet.ownerColdkey;
  if (which !== 'requestRegistration' && !isOwner) throw notOwner(subnet, options.wallet);
  const value = { $typeName: ADMISSIONS[which].message, netuid, hotkey };
  await sendOrder(context, options, {
    // One of three pairs of a case and its message, which a union of both cannot say.
    order: { case: which, value } as WalletOrder['order'],
    lines: [`${hotkey} ${ADMISSIONS[which].says} on ${handle} (netuid ${netuid})`],
    question: 'Sign it',
    told: { netuid, hotkey },
  });
}

/** `subnetes subnet revoke-invitation`. */
export async function revokeInvitation(
  context: CommandContext,
  options: Ordering & { readonly subnet: string; readonly sha256: string },
): Promise<void> {
  const { netuid, handle } = await findSubnet(context.market, options.subnet);
  if (!/^[0-9a-f]{64}$/.test(options.sha256))
    throw usageFailure('the invitation is named by its sha256, 64 hex digits');
  const invitationSha256 = Uint8Array.from(Buffer.from(options.sha256, 'hex'));
  await sendOrder(context, options, {
    order: {
      case: 'revokeInvitation',
      value: { $typeName: 'subnetes.ledger.v1.RevokeInvitationOrder', netuid, invitationSha256 },
    },
    lines: [`invitation ${options.sha256} lets nobody into ${handle} any more`],
    question: 'Revoke it',
    told: { netuid, invitationSha256: options.sha256 },
  });
}

/** `subnetes subnet requests`: who asked, and who may. */
export async function listRequests(context: CommandContext, subnetName: string): Promise<void> {
  const subnet = await findSubnet(context.market, subnetName);
  const { requests, approvals, block } = await (
    await context.market.mandates()
  ).listAdmissions({ netuid: subnet.netuid });
  const rows = [
    ...requests.map(({ hotkey, coldkey, untilBlock }) => ['asks', hotkey, coldkey, `${untilBlock}`]),
    ...approvals.map(({ hotkey, untilBlock }) => ['may', hotkey, '', `${untilBlock}`]),
  ];
  const columns = [
    { head: 'STATE' },
    { head: 'HOTKEY' },
    { head: 'OWNER' },
    { head: 'UNTIL', align: 'right' },
  ] as const;
  print(context, {
    value: {
      netuid: subnet.netuid,
      block,
      requests: requests.map(({ hotkey, coldkey, block: at, untilBlock }) => ({
        hotkey,
        coldkey,
        block: at,
        untilBlock,
      })),
      approvals: approvals.map(({ hotkey, untilBlock }) => ({ hotkey, untilBlock })),
    },
    lines: rows.length === 0 ? [`nobody asks to register on ${subnet.handle}`] : tableLines(columns, rows),
  });
}

export function addressOf(option: string, text: string): string {
  if (publicKeyOf(text) !== undefined) return text;
  throw usageFailure(`${option}: "${text}" is no SS58 address with prefix 42`);
}

function notOwner({ handle, ownerColdkey }: SubnetState, wallet: string): Error {
  return usageFailure(`${handle} belongs to ${ownerColdkey}, not to wallet ${wallet}`, 'name the owner’s wallet');
}
