import type { Ledger, ItemResult } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import type { SubnetState } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import type { RpcClient } from '@subnetes/proto/grpc-client';
import { OutageError } from '@subnetes/runtime/errors';
import type { LedgerPort, LedgerResult, SubnetTerms } from '../application/ports.ts';
import type { PriceLine } from '../domain/rating.ts';

const PAGE_SIZE = 1000;
const PAGES_MAX = 100;

/** The ledger over gRPC. Every failure of a call is an outage; what the ledger refuses comes as a result. */
export function ledgerClient(rpc: RpcClient<typeof Ledger>, asset: () => string): LedgerPort {
  const money = (rao: bigint) => ({ asset: asset(), amount: rao.toString() });
  return {
    clock: () =>
      asking(async () => {
        const { block, blockTimeMs } = await rpc.getNetwork({});
        return { block, blockTimeMs };
      }),
    burnsNetworkFee: () => asking(async () => (await rpc.getNetwork({})).networkFeeBurned),
    balance: (account) =>
      asking(async () => {
        const { balances } = await rpc.getBalances({ accounts: [account] });
        const [found] = balances;
        return { postedRao: rao(found?.posted?.amount), heldRao: rao(found?.held?.amount) };
      }),
    createHold: ({ holdId, account, amountRao, expiresAtBlock }) =>
      asking(async () => {
        const hold = { id: holdId, account, amount: money(amountRao), expiresAtBlock };
        const { results } = await rpc.createHolds({ holds: [hold] });
        return resultOf(results[0]);
      }),
    postHolds: (posts) =>
      asking(async () => {
        const { results } = await rpc.postHolds({
          posts: posts.map(({ id, holdId, parts }) => ({
            id,
            holdId,
            parts: parts.map(({ to, amountRao, code, netuid = 0 }) => ({
              to,
              amountRao: amountRao.toString(),
              code,
              netuid,
            })),
            close: false,
          })),
        });
        return results.map(resultOf);
      }),
    voidHolds: (holdIds) =>
      asking(async () => {
        const { results } = await rpc.voidHolds({ holdIds: [...holdIds] });
        return results.map(resultOf);
      }),
    subnets: () => asking(() => readSubnets(rpc)),
    owners: (netuid) => asking(() => readOwners(rpc, netuid)),
  };
}

async function readSubnets(rpc: RpcClient<typeof Ledger>): Promise<readonly SubnetTerms[]> {
  const all: SubnetTerms[] = [];
  let token = '';
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const { subnets, nextPageToken } = await rpc.listSubnets({ page: { size: PAGE_SIZE, token } });
    all.push(...subnets.flatMap((subnet) => termsOf(subnet) ?? []));
    if (nextPageToken === '') break;
    token = nextPageToken;
  }
  return all;
}

async function readOwners(rpc: RpcClient<typeof Ledger>, netuid: number): Promise<ReadonlyMap<string, string>> {
  const owners = new Map<string, string>();
  let token = '';
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const { neurons, nextPageToken } = await rpc.listNeurons({ netuid, page: { size: PAGE_SIZE, token } });
    for (const { hotkey, coldkey } of neurons) owners.set(hotkey, coldkey);
    if (nextPageToken === '') break;
    token = nextPageToken;
  }
  return owners;
}

function termsOf({ netuid, handle, ownerColdkey, active }: SubnetState): SubnetTerms | undefined {
  if (active?.policy === undefined) return undefined;
  const models: Record<string, PriceLine[]> = {};
  for (const { model, unit, per, priceRao } of active.policy.pricing) {
    (models[`${handle}.${model}`] ??= []).push({ unit, per: Math.max(1, per), priceRao: BigInt(priceRao) });
  }
  return { netuid, policyVersion: active.version, ownerColdkey, models };
}

function resultOf(result: ItemResult | undefined): LedgerResult {
  if (result === undefined) throw new OutageError('ledger', 'the ledger answered fewer results than it was asked for');
  const { ok, sequence, reason, message } = result;
  return ok ? { ok, sequence } : { ok, reason, message };
}

function rao(text: string | undefined): bigint {
  return text === undefined || text === '' ? 0n : BigInt(text);
}

async function asking<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof OutageError) throw error;
    throw new OutageError(
      'ledger',
      `the ledger does not answer: ${error instanceof Error ? error.message : ''}`,
      error,
    );
  }
}
