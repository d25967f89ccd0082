import type { RpcHandlers } from '@subnetes/proto/grpc-handlers';
import type { Mandates as MandatesService } from '@subnetes/proto/gen/subnetes/ledger/v1/mandates_pb';
import { invalidField } from '@subnetes/proto/rpc-error';
import { makeSubmitMandated } from '#application/submit-mandated.ts';
import { countedStake, heldStake } from '#domain/children/inherit.ts';
import { childrenOf, childTakeOf, parentsOf, pendingOf } from '#domain/children/links.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import { mandateKey } from '#domain/economy/mandate.ts';
import { ADMISSION_BLOCKS, admissionsOf } from '#domain/mandates/admission.ts';
import { callerOf } from './caller.ts';
import type { ChangePorts } from './grpc-changes.ts';
import { accountField, causeField, netuidField } from './grpc-fields.ts';
import { answered, valueOf } from './grpc-refusals.ts';
import { bytesOfHex, mandateUseToWire } from './wire.ts';

type Handlers = RpcHandlers<typeof MandatesService>;

/** The whole service `subnetes.ledger.v1.Mandates`. */
export function mandateHandlers(ports: ChangePorts): Handlers {
  return { ...submitHandlers(ports), ...readHandlers(ports) };
}

function submitHandlers(ports: ChangePorts): Pick<Handlers, 'submitMandated'> {
  const submit = makeSubmitMandated(ports);
  return {
    submitMandated: async ({ id, order, mandate, cause }, call) => {
      ports.access.demand('operator', call);
      const done = await valueOf(
        submit({ id, order, mandate, cause: causeField(cause), caller: callerOf(call) }),
        ports.countRefusal,
      );
      return {
        sequence: BigInt(done.sequence),
        mandate: mandateUseToWire(done.mandate),
        repeatedCall: done.repeated,
      };
    },
  };
}

function readHandlers({ sequencer }: ChangePorts): Omit<Handlers, 'submitMandated'> {
  const read = <T>(query: (ledger: Ledger) => T): Promise<T> => answered(sequencer.read(query));
  return {
    getMandateUse: ({ payer, mandateSha256 }) => {
      const [account, sha256] = [accountField('payer', payer), hashField('mandate_sha256', mandateSha256)];
      return read((ledger) => {
        const record = ledger.mandates.get(mandateKey(account, sha256));
        return {
          usedRao: (record?.used ?? 0n).toString(),
          revoked: record?.revoked ?? false,
          operations: Object.entries(record?.usedBy ?? {}).map(([name, used]) => {
            const [operation = '', asset = ''] = name.split(':');
            return { operation, asset, usedRao: used.toString() };
          }),
        };
      });
    },
    listAdmissions: ({ netuid }) =>
      read((ledger) => {
        const { requests, approvals } = admissionsOf(ledger, netuidField(netuid));
        return {
          requests: requests.map(({ hotkey, coldkey, block }) => ({
            hotkey,
            coldkey,
            block: BigInt(block),
            untilBlock: BigInt(block + ADMISSION_BLOCKS),
          })),
          approvals: approvals.map(({ hotkey, untilBlock }) => ({ hotkey, untilBlock: BigInt(untilBlock) })),
          block: BigInt(ledger.block),
        };
      }),
    getLineage: ({ netuid, hotkey }) => {
      const [subnet, key] = [netuidField(netuid), accountField('hotkey', hotkey)];
      return read((ledger) => lineageToWire(ledger, subnet, key));
    },
    getColdkeySwap: ({ coldkey }) => {
      const account = accountField('coldkey', coldkey);
      return read((ledger) => {
        const swap = ledger.coldkeySwaps.get(account);
        if (swap === undefined) return { announced: false };
        return {
          announced: true,
          newColdkeySha256: bytesOfHex(swap.newColdkeySha256),
          announcedAtBlock: BigInt(swap.announcedAtBlock),
          fromBlock: BigInt(swap.fromBlock),
          disputed: swap.disputed,
        };
      });
    },
  };
}

function lineageToWire(ledger: Ledger, netuid: number, hotkey: string) {
  const neuron = ledger.neuronByHotkey(netuid, hotkey);
  const held = neuron === undefined ? 0n : heldStake(ledger, neuron);
  const stake = neuron === undefined ? 0n : countedStake(ledger, neuron);
  const pending = pendingOf(ledger, netuid).find((each) => each.hotkey === hotkey);
  return {
    children: [...childrenOf(ledger, netuid, hotkey)],
    parents: [...parentsOf(ledger, netuid, hotkey)],
    pending: [...(pending?.children ?? [])],
    pendingFromBlock: BigInt(pending?.fromBlock ?? 0),
    childTakeU16: childTakeOf(ledger, netuid, hotkey),
    heldRao: held.toString(),
    stakeRao: stake.toString(),
  };
}

function hashField(field: string, bytes: Uint8Array): string {
  if (bytes.length !== 32) throw invalidField(field, 'must be 32 bytes');
  return Buffer.from(bytes).toString('hex');
}
