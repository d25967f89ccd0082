import { amountText, tokenTextFromRao } from '@subnetes/money/amount';
import type { Network } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { EmissionState, type Neuron, type SubnetState } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import type { Metagraph, MetagraphNeuron } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import type { CommandContext } from '../command-context.ts';
import { print } from '../command-context.ts';
import { epochText, witnessFacts } from '../epoch-state.ts';
import { emissionText as splitText, ppmText } from '../emission-text.ts';
import { listNeurons, listSubnets, neuronName } from '../neuron-finder.ts';
import { hexOf, raoOf, shareText, tokenColumn } from '../number-text.ts';
import { factLines, tableLines } from '../table.ts';
import { isRenamed, tokenNamesOf } from '../token-names.ts';

interface SubnetStatus {
  readonly state: SubnetState;
  readonly neurons: readonly Neuron[];
  readonly metagraph: Metagraph | undefined;
}

/** `subnetes status`: the network, its subnets, and what their miners and validators earn and why. */
export async function status(context: CommandContext): Promise<void> {
  const ledger = await context.market.ledger();
  const network = await ledger.getNetwork({});
  const subnets: SubnetStatus[] = [];
  for (const state of await listSubnets(context.market)) {
    const neurons = await listNeurons(context.market, state.netuid);
    subnets.push({ state, neurons, metagraph: await readMetagraph(context, state.netuid) });
  }
  const { own: symbol } = tokenNamesOf(network);
  const facts = factLines([
    ['network', hexOf(network.networkId).slice(0, 16)],
    ['block', `${network.block}, one each ${network.blockTimeMs / 1000} s`],
    [
      'issued',
      `${amountText({ asset: symbol, units: raoOf(network.issuedRao) })} of ${amountText({ asset: symbol, units: raoOf(network.capRao) })}, ${tokenTextFromRao(raoOf(network.blockRewardRao))} ${symbol} a block`,
    ],
    ...(isRenamed(network)
      ? ([['token', `called ${symbol}; ${network.symbol} in the books, in orders and in --json`]] as const)
      : []),
    ['split', splitText(network)],
    ['burned', amountText({ asset: symbol, units: raoOf(network.burnedRao) })],
    ['journal', `${network.sequence} entries`],
    ...witnessFacts(network),
  ]);
  const none = ['', 'No subnet yet. Apply one: kubectl apply -f k8s/samples/finance'];
  const lines = [
    ...facts,
    ...(subnets.length === 0 ? none : subnets.flatMap((subnet) => ['', ...subnetLines(subnet, network)])),
  ];
  print(context, {
    value: { network: networkValue(network), subnets: subnets.map((subnet) => subnetValue(subnet, network)) },
    lines,
  });
}

/** Scoring knows a subnet only after its first epoch. */
export async function readMetagraph(context: CommandContext, netuid: number): Promise<Metagraph | undefined> {
  const scoring = await context.market.scoring();
  try {
    return await scoring.getMetagraph({ netuid });
  } catch (error) {
    if (error instanceof RpcError && error.code === RpcCode.NOT_FOUND) return undefined;
    throw error;
  }
}

function subnetLines({ state, neurons, metagraph }: SubnetStatus, network: Network): string[] {
  const { own: symbol } = tokenNamesOf(network);
  const scored = new Map(metagraph?.neurons.map((neuron) => [`${neuron.uid}/${neuron.hotkey}`, neuron]));
  const outcomeOf = (neuron: Neuron) => scored.get(`${neuron.uid}/${neuron.hotkey}`);
  const validators = neurons.filter((neuron) => isValidator(neuron, outcomeOf(neuron)));
  const miners = neurons.filter((neuron) => !validators.includes(neuron));
  const minerRows = miners
    .toSorted(
      (left, right) =>
        (outcomeOf(right)?.incentiveU16 ?? 0) - (outcomeOf(left)?.incentiveU16 ?? 0) || left.uid - right.uid,
    )
    .map((neuron) => minerRow(neuron, outcomeOf(neuron)));
  const validatorRows = validators
    .toSorted((left, right) => Number(raoOf(right.stake?.amount) - raoOf(left.stake?.amount)) || left.uid - right.uid)
    .map((neuron) => validatorRow(neuron, outcomeOf(neuron)));
  return [
    `${state.handle} (netuid ${state.netuid})  ${epochText(state, network)}  next epoch at block ${state.nextEpochBlock}  ${emissionText(state, network)}`,
    '',
    ...tableLines(
      [
        { head: 'MINER' },
        { head: 'UID', align: 'right' },
        { head: 'INCENTIVE', align: 'right' },
        { head: `EARNED/${symbol}`, align: 'right' },
        { head: 'CRPS', align: 'right' },
        { head: 'WHY' },
      ],
      minerRows,
    ).map(indented),
    '',
    ...tableLines(
      [
        { head: 'VALIDATOR' },
        { head: 'UID', align: 'right' },
        { head: `STAKE/${symbol}`, align: 'right' },
        { head: 'TRUST', align: 'right' },
        { head: 'DIVIDENDS', align: 'right' },
        { head: `EARNED/${symbol}`, align: 'right' },
        { head: 'WHY' },
      ],
      validatorRows,
    ).map(indented),
  ];
}

/** Parts per million of every block; undefined while it takes no part in the split. */
function shareOf({ netuid }: SubnetState, { emissionShares }: Network): number | undefined {
  return emissionShares.find((share) => share.netuid === netuid)?.sharePpm;
}

/** Rao of the next block that follow its use; 0 unless blocks are split by use. */
function useOf({ netuid }: SubnetState, { emissionShares }: Network): bigint {
  return raoOf(emissionShares.find((share) => share.netuid === netuid)?.useRao);
}

function emissionText(state: SubnetState, network: Network): string {
  if (state.emission !== EmissionState.STARTED) return 'emission held';
  const sharePpm = shareOf(state, network);
  const use = useOf(state, network);
  const follows = use === 0n ? '' : ` (by use ${amountText({ asset: tokenNamesOf(network).own, units: use })})`;
  return sharePpm === undefined ? 'emission started' : `emission started, ${ppmText(sharePpm)} of each block${follows}`;
}

function minerRow(neuron: Neuron, outcome: MetagraphNeuron | undefined): string[] {
  const loss = outcome === undefined || outcome.judged === 0 ? '–' : outcome.loss.toFixed(5);
  return [
    neuronName(neuron),
    String(neuron.uid),
    shareText(outcome?.incentiveU16 ?? 0),
    tokenColumn(raoOf(outcome?.incentiveRao)),
    loss,
    outcome?.why ?? 'not in an epoch yet',
  ];
}

function validatorRow(neuron: Neuron, outcome: MetagraphNeuron | undefined): string[] {
  return [
    neuronName(neuron),
    String(neuron.uid),
    tokenColumn(raoOf(neuron.stake?.amount)),
    shareText(outcome?.validatorTrustU16 ?? 0),
    shareText(outcome?.dividendsU16 ?? 0),
    tokenColumn(raoOf(outcome?.dividendRao)),
    outcome?.why ?? 'not in an epoch yet',
  ];
}

/** A neuron that no cluster manages is known by its permit alone. */
export function isValidator(neuron: Neuron, outcome: MetagraphNeuron | undefined): boolean {
  if (neuron.managedBy?.kind === 'Validator') return true;
  if (neuron.managedBy?.kind === 'Miner') return false;
  return outcome?.validatorPermit ?? neuron.validatorPermit;
}

function networkValue(network: Network) {
  const { symbol, block, issuedRao, burnedRao, capRao, blockRewardRao, sequence, emissionBasis } = network;
  return {
    networkId: hexOf(network.networkId),
    symbol,
    displaySymbol: tokenNamesOf(network).own,
    block,
    blockTimeMs: network.blockTimeMs,
    halving: network.halving,
    issuedRao,
    burnedRao,
    capRao,
    blockRewardRao,
    emissionBasis,
    journalEntries: sequence,
    witnessesRequired: network.witnessesRequired,
    witnessKeys: network.witnessKeys.map(hexOf),
    unwitnessed: network.unwitnessed.map(({ netuid, index, sinceBlock, signed }) => ({
      netuid,
      index,
      sinceBlock,
      signed,
    })),
  };
}

function subnetValue({ state, neurons, metagraph }: SubnetStatus, network: Network) {
  return {
    netuid: state.netuid,
    handle: state.handle,
    epoch: state.epochIndex,
    paidEpoch: state.lastPaidIndex,
    nextEpochBlock: state.nextEpochBlock,
    emissionSharePpm: shareOf(state, network) ?? 0,
    emissionUseRao: useOf(state, network),
    neurons: neurons.map((neuron) => {
      const outcome = metagraph?.neurons.find(({ uid, hotkey }) => uid === neuron.uid && hotkey === neuron.hotkey);
      return {
        name: neuronName(neuron),
        role: isValidator(neuron, outcome) ? 'Validator' : 'Miner',
        uid: neuron.uid,
        hotkey: neuron.hotkey,
        stakeRao: raoOf(neuron.stake?.amount),
        incentiveU16: outcome?.incentiveU16 ?? 0,
        dividendsU16: outcome?.dividendsU16 ?? 0,
        earnedRao: raoOf(outcome?.incentiveRao) + raoOf(outcome?.dividendRao),
        why: outcome?.why ?? '',
      };
    }),
  };
}

function indented(line: string): string {
  return `  ${line}`;
}
