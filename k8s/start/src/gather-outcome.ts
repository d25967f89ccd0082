import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Metagraph, MetagraphNeuron } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import type { ServiceClients } from './endpoints.ts';
import type { PaidEpochs } from './follow-epochs.ts';
import type { ClusterTools } from './kubectl.ts';
import { MARKET_NAMESPACE } from './market.ts';
import type { MinerRow, Outcome, ValidatorRow } from './report.ts';
import { tokenName } from './token-name.ts';

const U16_MAX = 65_535;
const JOURNAL_PAGE = 1000;

type Gathered = Pick<
  Outcome,
  'epochs' | 'token' | 'mintedRao' | 'paidRao' | 'conservation' | 'miners' | 'validators' | 'dashboards'
>;

/** Reads what the table shows from ledger, scoring and the custom resources, and compares payouts with scored outputs. */
export async function gatherOutcome(
  services: ServiceClients,
  tools: ClusterTools,
  known: { readonly paid: PaidEpochs; readonly root: string },
): Promise<Gathered> {
  const { netuid, epochs } = known.paid;
  const metagraphs: Metagraph[] = [];
  for (const { index } of epochs) {
    const { metagraph } = await services.scoring.getEpoch({ netuid, index });
    if (metagraph === undefined) throw new Error(`scoring has no metagraph of epoch ${index}`);
    metagraphs.push(metagraph);
  }
  const payments = await paidByLedger(services, netuid, new Set(epochs.map(({ index }) => index)));
  const audit = await services.ledger.audit({ verifyChain: true });
  const token = tokenName(await services.ledger.getNetwork({}));
  const names = await neuronNames(tools);
  const last = metagraphs.at(-1);
  if (last === undefined) throw new Error('no epoch was paid');
  const earned = (uid: number): bigint => payments.byUid.get(uid) ?? 0n;
  const scoredRao = metagraphs
    .flatMap(({ neurons }) => neurons)
    .reduce((sum, neuron) => sum + BigInt(neuron.incentiveRao || '0') + BigInt(neuron.dividendRao || '0'), 0n);
  const paidToNeurons = [...payments.byUid.values()].reduce((sum, rao) => sum + rao, 0n);
  return {
    epochs: { first: epochs[0]?.index ?? 0n, last: last.epochIndex, count: epochs.length },
    token,
    mintedRao: epochs.reduce((sum, { potRao }) => sum + BigInt(potRao), 0n),
    paidRao: payments.totalRao,
    // Two comparisons in one figure: balances against genesis, rewards and burns; payouts against scored outputs.
    conservation: {
      entries: audit.entries,
      differenceRao: magnitude(BigInt(audit.differenceRao)) + magnitude(scoredRao - paidToNeurons),
    },
    miners: minerRows(last, names, earned),
    validators: validatorRows(last, names, earned),
    dashboards: (await readdir(path.join(known.root, 'grafana/dashboards')))
      .filter((name) => name.endsWith('.json'))
      .toSorted(),
  };
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function minerRows(
  metagraph: Metagraph,
  names: ReadonlyMap<string, NamedNeuron>,
  earned: (uid: number) => bigint,
): MinerRow[] {
  return metagraph.neurons
    .flatMap((neuron) => {
      const named = names.get(neuron.hotkey);
      if (named?.kind !== 'Miner') return [];
      const crps = neuron.judged > 0 ? neuron.loss : undefined;
      return [
        {
          name: named.name,
          uid: neuron.uid,
          incentive: neuron.incentiveU16 / U16_MAX,
          emissionRao: earned(neuron.uid),
          crps,
          why: neuron.why,
        },
      ];
    })
    .toSorted((one, other) => other.incentive - one.incentive || one.uid - other.uid);
}

function validatorRows(
  metagraph: Metagraph,
  names: ReadonlyMap<string, NamedNeuron>,
  earned: (uid: number) => bigint,
): ValidatorRow[] {
  return metagraph.neurons
    .flatMap((neuron: MetagraphNeuron) => {
      const named = names.get(neuron.hotkey);
      if (named?.kind !== 'Validator') return [];
      return [
        {
          name: named.name,
          uid: neuron.uid,
          stakeRao: BigInt(neuron.stakeRao),
          trust: neuron.validatorTrustU16 / U16_MAX,
          dividends: neuron.dividendsU16 / U16_MAX,
          emissionRao: earned(neuron.uid),
          why: neuron.why,
        },
      ];
    })
    .toSorted((one, other) => Number(other.stakeRao - one.stakeRao));
}

interface NamedNeuron {
  readonly kind: 'Miner' | 'Validator';
  readonly name: string;
}

async function neuronNames(tools: ClusterTools): Promise<ReadonlyMap<string, NamedNeuron>> {
  const listed = JSON.parse(
    await tools.kubectl(['-n', MARKET_NAMESPACE, 'get', 'miners.subnetes.io,validators.subnetes.io', '-o', 'json']),
  ) as {
    items: { kind: 'Miner' | 'Validator'; metadata: { name: string }; status?: { hotkey?: string } }[];
  };
  return new Map(
    listed.items.flatMap(({ kind, metadata, status }) =>
      status?.hotkey === undefined ? [] : [[status.hotkey, { kind, name: metadata.name }] as const],
    ),
  );
}

/** What the journal says was paid in these epochs, by uid; read from its entries, not from a cache of them. */
async function paidByLedger(
  services: ServiceClients,
  netuid: number,
  indexes: ReadonlySet<bigint>,
): Promise<{ readonly totalRao: bigint; readonly byUid: ReadonlyMap<number, bigint> }> {
  const byUid = new Map<number, bigint>();
  let totalRao = 0n;
  for (let after = 0n; ;) {
    const page = await services.ledger.listEntries({ afterSequence: after, limit: JOURNAL_PAGE });
    for (const entry of page.entries.filter(({ kind }) => kind === 'EpochPaid')) {
      const paid = JSON.parse(entry.payloadJson) as PaidPayload;
      if (paid.netuid !== netuid || !indexes.has(BigInt(paid.index))) continue;
      totalRao += entry.postings
        .filter(({ account, delta }) => !delta.startsWith('-') && !account.startsWith('unattributed:'))
        .reduce((sum, { delta }) => sum + BigInt(delta), 0n);
      for (const neuron of paid.neurons) {
        const rao = BigInt(neuron.incentive) + BigInt(neuron.dividend);
        byUid.set(neuron.uid, (byUid.get(neuron.uid) ?? 0n) + rao);
      }
    }
    const last = page.entries.at(-1)?.sequence;
    if (last === undefined || last >= page.lastSequence) return { totalRao, byUid };
    after = last;
  }
}

/** The part of an EpochPaid entry that is read here. */
interface PaidPayload {
  readonly netuid: number;
  readonly index: string | number;
  readonly neurons: readonly { readonly uid: number; readonly incentive: string; readonly dividend: string }[];
}
