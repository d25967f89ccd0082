import { create, toBinary } from '@bufbuild/protobuf';
import { amountText } from '@subnetes/money/amount';
import type { Network } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import type { Neuron, SubnetState } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import { type MetagraphNeuron, WeightsSetSchema } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import type { CommandContext } from '../command-context.ts';
import { print } from '../command-context.ts';
import { emissionText, ppmText } from '../emission-text.ts';
import { EXIT, Failure, usageFailure } from '../failure.ts';
import { hotkeyPath, openHotkey } from '../hotkey-store.ts';
import { listNeurons, listSubnets, neuronName, ROOT_NETUID } from '../neuron-finder.ts';
import { raoOf, tokenColumn } from '../number-text.ts';
import { registerNeuron } from '../register-neuron.ts';
import { factLines, tableLines } from '../table.ts';
import { raoOfOption } from '../token-amount.ts';
import { signWeights } from '../wallet-order.ts';
import { readMetagraph } from './status.ts';
import { tokenNamesOf } from '../token-names.ts';

const ROOT_SEATS = 64;
const WEIGHT_MAX = 65_535;

export interface RootRegisterOptions {
  readonly wallet: string;
  /** Tokens. */
  readonly stake: string;
  readonly hotkeyFile: string | undefined;
  readonly maxCost: string | undefined;
  readonly yes: boolean;
  readonly dryRun: boolean;
}

/** `subnetes root register`: takes a seat of the root network, with the stake that it may have to beat. */
export async function registerRoot(context: CommandContext, options: RootRegisterOptions): Promise<void> {
  const subnet = await rootNetwork(context);
  const stake = raoOfOption('--stake', options.stake);
  const done = await registerNeuron(context, { ...options, subnet, stake });
  if (done === undefined) return;
  const { neuron, hotkey, cost, asset, block, sequence } = done;
  const text = (units: bigint): string => amountText({ asset, units });
  print(context, {
    value: {
      dryRun: false,
      uid: neuron?.uid,
      hotkey,
      hotkeyFile: done.hotkeyPath,
      costRao: cost,
      stakeRao: stake,
      registrationId: Buffer.from(neuron?.registrationId ?? []).toString('hex'),
      block,
      sequence,
    },
    lines: [
      `Seat ${neuron?.uid ?? '?'} of the root network for ${text(cost)}, with ${text(stake)} of stake, block ${block}, journal entry ${sequence}.`,
      `It may weigh subnets once an epoch of the root network has given it a permit: after block ${subnet.nextEpochBlock}.`,
    ],
  });
}

export interface RootWeightsOptions {
  /** Whose root hotkey it is, where no file is named. */
  readonly wallet: string | undefined;
  readonly hotkeyFile: string | undefined;
  /** NETUID=WEIGHT texts. */
  readonly set: readonly string[];
}

/** `subnetes root weights`: the whole row of one member, signed by its hotkey; what is left out weighs nothing. */
export async function setRootWeights(context: CommandContext, options: RootWeightsOptions): Promise<void> {
  const row = rowOf(options.set);
  const subnet = await rootNetwork(context);
  const { commitReveal = '' } = subnet.active?.policy?.hyperparameters ?? {};
  if (commitReveal !== 'Off') {
    throw new Failure({
      code: 'WRONG_COMMIT_REVEAL_TYPE',
      message: `the root network of this market takes weights by commitReveal ${commitReveal}, and this command sends them in the open`,
      exitCode: EXIT.refused,
      remedy: 'send them with CommitWeights as docs/guides/weights.md says',
    });
  }
  const path = hotkeyFileOf(context, options);
  const { pair } = openHotkey(path);
  const ledger = await context.market.ledger();
  const { neuron } = await ledger.getRegistration({ netuid: ROOT_NETUID, hotkey: pair.address });
  if (neuron === undefined) {
    throw new Failure({
      code: 'NOT_REGISTERED',
      message: `${pair.address} (${path}) has no seat in the root network`,
      exitCode: EXIT.refused,
      remedy: 'take one with subnetes root register',
    });
  }
  const network = await ledger.getNetwork({});
  const payload = toBinary(WeightsSetSchema, create(WeightsSetSchema, { netuid: ROOT_NETUID, ...row }));
  const signing = { ...network, nowMs: context.now() };
  const scoring = await context.market.scoring();
  const set = signWeights(payload, { pair, registrationId: neuron.registrationId }, signing);
  const [result] = (await scoring.setWeights({ sets: [set] })).results;
  if (result?.ok !== true) {
    const retry = result?.retryAtBlock ?? 0n;
    throw new Failure({
      code: result?.reason ?? 'REFUSED',
      message: result?.message ?? 'scoring gave no answer',
      exitCode: EXIT.refused,
      remedy: retry === 0n ? undefined : `send them again from block ${retry} on`,
    });
  }
  print(context, {
    value: { uid: neuron.uid, hotkey: pair.address, ...row, interval: result.interval, block: result.block },
    lines: [`Taken: they count from epoch ${result.interval} of the root network on, until you send others.`],
  });
}

/** `subnetes root show`: how blocks are split, by whose weights, and who sits in the root network. */
export async function showRoot(context: CommandContext): Promise<void> {
  const subnet = await rootNetwork(context);
  const ledger = await context.market.ledger();
  const network = await ledger.getNetwork({});
  const [members, subnets] = [await listNeurons(context.market, ROOT_NETUID), await listSubnets(context.market)];
  const metagraph = await readMetagraph(context, ROOT_NETUID);
  const scored = new Map(metagraph?.neurons.map((neuron) => [neuron.hotkey, neuron]));
  print(context, {
    value: rootValue({ subnet, network, members, scored }),
    lines: [
      ...factLines([
        ['emission', emissionText(network)],
        ['epoch', `${subnet.epochIndex}, next at block ${subnet.nextEpochBlock}`],
        ['seats', `${members.length} of ${ROOT_SEATS}`],
      ]),
      '',
      ...shareLines(network, subnets),
      '',
      ...memberLines(members, scored, tokenNamesOf(network).own),
    ],
  });
}

function rootValue(root: {
  readonly subnet: SubnetState;
  readonly network: Network;
  readonly members: readonly Neuron[];
  readonly scored: ReadonlyMap<string, MetagraphNeuron>;
}) {
  const { subnet, network, members, scored } = root;
  return {
    basis: network.emissionBasis,
    shares: network.emissionShares.map(({ netuid, sharePpm }) => ({ netuid, sharePpm })),
    sharesOfEpoch: network.emissionEpoch,
    epoch: subnet.epochIndex,
    nextEpochBlock: subnet.nextEpochBlock,
    members: members.map((member) => ({
      uid: member.uid,
      hotkey: member.hotkey,
      stakeRao: raoOf(member.stake?.amount),
      permit: scored.get(member.hotkey)?.validatorPermit ?? false,
      why: scored.get(member.hotkey)?.why ?? '',
    })),
  };
}

function shareLines({ emissionShares }: Network, subnets: readonly SubnetState[]): string[] {
  const handles = new Map(subnets.map(({ netuid, handle }) => [netuid, handle]));
  return tableLines(
    [{ head: 'SUBNET' }, { head: 'NETUID', align: 'right' }, { head: 'SHARE', align: 'right' }],
    emissionShares.map(({ netuid, sharePpm }) => [handles.get(netuid) ?? '?', String(netuid), ppmText(sharePpm)]),
  );
}

function memberLines(
  members: readonly Neuron[],
  scored: ReadonlyMap<string, MetagraphNeuron>,
  symbol: string,
): string[] {
  return tableLines(
    [{ head: 'MEMBER' }, { head: 'UID', align: 'right' }, { head: `STAKE/${symbol}`, align: 'right' }, { head: 'WHY' }],
    members.map((member) => [
      neuronName(member),
      String(member.uid),
      tokenColumn(raoOf(member.stake?.amount)),
      scored.get(member.hotkey)?.why ?? 'not in an epoch yet',
    ]),
  );
}

async function rootNetwork(context: CommandContext): Promise<SubnetState> {
  const ledger = await context.market.ledger();
  try {
    return await ledger.getSubnet({ by: { case: 'netuid', value: ROOT_NETUID } });
  } catch (error) {
    if (!(error instanceof RpcError) || error.code !== RpcCode.NOT_FOUND) throw error;
    throw new Failure({
      code: 'NO_ROOT_NETWORK',
      message: 'this network has no root network: its genesis splits blocks in equal parts',
      exitCode: EXIT.refused,
      remedy: 'a network that is to have one begins with emissionPolicy RootWeights: docs/guides/emission.md',
      cause: error,
    });
  }
}

function hotkeyFileOf(context: CommandContext, { wallet, hotkeyFile }: RootWeightsOptions): string {
  if (hotkeyFile !== undefined) return hotkeyFile;
  if (wallet === undefined) throw usageFailure('name a wallet with --wallet, or a hotkey with --hotkey-file');
  return hotkeyPath(context.walletDir, `${wallet}-root`);
}

/** Ascending by netuid, as scoring wants it. */
function rowOf(texts: readonly string[]): { readonly uids: number[]; readonly values: number[] } {
  if (texts.length === 0) throw usageFailure('name at least one weight: --set NETUID=WEIGHT');
  const pairs = texts.map((text) => {
    const [, netuid = '', weight = ''] = /^(\d{1,5})=(\d{1,5})$/.exec(text) ?? [];
    if (netuid === '' || Number(weight) > WEIGHT_MAX) {
      throw usageFailure(`--set ${text}: must be NETUID=WEIGHT with a weight of 0 to ${WEIGHT_MAX}`);
    }
    return { netuid: Number(netuid), weight: Number(weight) };
  });
  const sorted = pairs.toSorted((left, right) => left.netuid - right.netuid);
  return { uids: sorted.map(({ netuid }) => netuid), values: sorted.map(({ weight }) => weight) };
}
