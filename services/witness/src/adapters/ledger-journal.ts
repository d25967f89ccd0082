import type { Ledger } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import type { RpcClient } from '@subnetes/proto/grpc-client';
import { RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import { z } from 'zod';
import type { EpochName, LedgerJournal } from '#application/ports.ts';
import type { Seal } from '#domain/seal.ts';
import { answered } from './rpc-outage.ts';

const PAGE = 1000;
const ROOT_NETUID = 0;
const rao = z.string().regex(/^(0|[1-9][0-9]{0,38})$/);

/** Payload of an EpochDue entry, as far as an epoch depends on it. */
const sealPayload = z.object({
  epoch: z.object({
    netuid: z.int(),
    index: z.int(),
    block: z.int(),
    startBlock: z.int(),
    owner: rao,
    miner: rao,
    validator: rao,
    previousInputsSha256: z.string(),
    policyVersion: z.int(),
    policySha256: z.string(),
    neurons: z.array(
      z.object({
        uid: z.int().min(0).max(4095),
        hotkey: z.string(),
        coldkey: z.string(),
        registeredAtBlock: z.int(),
        registrationId: z.string(),
        formerHotkeys: z.array(z.object({ hotkey: z.string(), untilBlock: z.int() })).optional(),
        stake: rao,
      }),
    ),
    subnets: z.array(z.object({ netuid: z.int(), startBlock: z.int() })).optional(), // of the root network
  }),
  policy: z.object({
    hyperparameters: z.object({
      tempo: z.int(),
      yumaVersion: z.int(),
      kappaU16: z.int(),
      bondsMovingAveragePpm: z.int(),
      bondsPenaltyU16: z.int(),
      maxValidators: z.int(),
      activityCutoffBlocks: z.int(),
      liquidAlphaEnabled: z.boolean(),
      alphaLowU16: z.int(),
      alphaHighU16: z.int(),
      alphaSigmoidSteepness: z.int(),
      stakeThresholdRao: rao,
      // Policies of before there was a choice say nothing of it: what they meant is what there was.
      commitReveal: z.enum(['Off', 'Salted', 'Timelock']).default('Salted'),
      revealPeriodEpochs: z.int().default(1),
      missedReveal: z.enum(['Keep', 'Zero']).default('Keep'),
      weightsVersionKey: z
        .string()
        .regex(/^[0-9]{1,20}$/)
        .default('0'),
      timelockBeacon: z
        .object({ chainHash: z.string(), publicKey: z.string(), genesisTime: z.int(), periodSeconds: z.int() })
        .optional(),
    }),
    mechanisms: z.array(z.object({ id: z.int(), emissionWeight: z.int() })),
    countermeasures: z.record(z.string(), z.unknown()).optional(), // compared, not acted on
  }),
  draw: z
    .object({
      round: z.int(),
      beacon: z.object({ chainHash: z.string(), publicKey: z.string(), genesisTime: z.int(), periodSeconds: z.int() }),
      rules: z.object({ judges: z.int(), coverageU16: z.int() }),
      kappaU16: z.int(),
    })
    .optional(),
});

/** The ledger over gRPC. It shows no certificate: what it asks for everybody may read. */
export function ledgerJournal(client: RpcClient<typeof Ledger>): LedgerJournal {
  /** The list of subnets is one of markets: the root network is asked for by itself. It may come later, by a proposal. */
  const rootEpoch = async (signal: AbortSignal): Promise<EpochName[]> => {
    const request = { by: { case: 'netuid' as const, value: ROOT_NETUID } };
    try {
      const { epochIndex } = await answered('ledger', client.getSubnet(request, { signal }));
      return epochIndex > 0n ? [{ netuid: ROOT_NETUID, index: Number(epochIndex) }] : [];
    } catch (error) {
      if (error instanceof RpcError && error.code === RpcCode.NOT_FOUND) return [];
      throw error;
    }
  };
  return {
    network: async (signal) => {
      const network = await answered('ledger', client.getNetwork({}, { signal }));
      const { networkId, witnessesRequired: required } = network;
      return { networkId, required, witnessKeys: network.witnessKeys.map((key) => Buffer.from(key).toString('hex')) };
    },
    newestEpochs: async (signal) => {
      const newest = await rootEpoch(signal);
      for (let token = ''; ;) {
        const page = await answered('ledger', client.listSubnets({ page: { size: PAGE, token } }, { signal }));
        for (const { netuid, epochIndex } of page.subnets) {
          if (epochIndex > 0n) newest.push({ netuid, index: Number(epochIndex) });
        }
        if (page.nextPageToken === '') return newest;
        token = page.nextPageToken;
      }
    },
    seal: async (sequence, signal) => {
      if (sequence < 1) return undefined;
      const request = { afterSequence: BigInt(sequence - 1), limit: 1 };
      const { entries } = await answered('ledger', client.listEntries(request, { signal }));
      const [entry] = entries;
      if (entry?.kind !== 'EpochDue' || entry.sequence !== BigInt(sequence)) return undefined;
      return readSeal(sequence, entry.payloadJson);
    },
  };
}

/** Undefined where a ledger of another version wrote something else. */
export function readSeal(sequence: number, payloadJson: string): Seal | undefined {
  const read = sealPayload.safeParse(JSON.parse(payloadJson));
  return read.success ? { ...read.data.epoch, sequence, policy: read.data.policy, draw: read.data.draw } : undefined;
}
