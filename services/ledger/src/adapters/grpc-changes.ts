import { invalidField } from '@subnetes/proto/rpc-error';
import type { RpcHandlers } from '@subnetes/proto/grpc-handlers';
import type { Ledger as LedgerService } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { EmissionState, RegistrationMode } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import { makeAnnounce } from '#application/announce-endpoint.ts';
import { makeMoveMoney, type MoneyResult } from '#application/move-money.ts';
import { makePutSubnet } from '#application/put-subnet.ts';
import { makeDeregister, makeRaiseStake, makeRegister } from '#application/register-neuron.ts';
import type { Sequencer } from '#application/sequencer.ts';
import { makeSubmitOrder } from '#application/submit-order.ts';
import type { Access } from './grpc-access.ts';
import { batchField, causeField, countField, moneyField, netuidField, raoField } from './grpc-fields.ts';
import { answered, type CountRefusal, valueOf } from './grpc-refusals.ts';
import { endpointToWire, mandateUseToWire, moneyToWire, neuronToWire, policyFromWire, subnetToWire } from './wire.ts';

export interface ChangePorts {
  readonly sequencer: Sequencer;
  readonly networkId: Uint8Array;
  /** Symbol of the network token. */
  readonly asset: string;
  readonly access: Access;
  readonly countRefusal: CountRefusal;
}

type Handlers = RpcHandlers<typeof LedgerService>;

/** What the operator may change: subnets and registrations, each under a mandate. */
export function operatorHandlers(
  ports: ChangePorts,
): Pick<Handlers, 'putSubnet' | 'register' | 'addStake' | 'deregister'> {
  return { ...subnetHandlers(ports), ...registrationHandlers(ports) };
}

function subnetHandlers(ports: ChangePorts): Pick<Handlers, 'putSubnet'> {
  const putSubnet = makePutSubnet(ports);
  return {
    putSubnet: async (request, call) => {
      ports.access.demand('operator', call);
      if (request.policy === undefined) throw invalidField('policy', 'is missing');
      const put = await valueOf(
        putSubnet({
          handle: request.handle,
          netuid: request.netuid,
          policy: policyFromWire(request.policy),
          emission: request.emission === EmissionState.HELD ? 'Held' : 'Started',
          registration: request.registration === RegistrationMode.CLOSED ? 'Closed' : 'Open',
          mandate: request.mandate,
          cause: causeField(request.cause),
        }),
        ports.countRefusal,
      );
      return {
        subnet: subnetToWire(put.subnet),
        policyVersion: BigInt(put.policyVersion),
        mandate: mandateUseToWire(put.mandate),
      };
    },
  };
}

function registrationHandlers(ports: ChangePorts): Pick<Handlers, 'register' | 'addStake' | 'deregister'> {
  const { access, asset, countRefusal } = ports;
  const [register, raiseStake, deregister] = [makeRegister(ports), makeRaiseStake(ports), makeDeregister(ports)];
  return {
    register: async (request, call) => {
      access.demand('operator', call);
      const registered = await valueOf(
        register({
          netuid: netuidField(request.netuid),
          binding: request.binding,
          mandate: request.mandate,
          maxCost: raoField('max_cost_rao', request.maxCostRao),
          initialStake: raoField('initial_stake_rao', request.initialStakeRao),
          attempt: countField('attempt', request.attempt),
          cause: causeField(request.cause),
        }),
        countRefusal,
      );
      return {
        neuron: neuronToWire(registered.neuron),
        cost: moneyToWire(asset, registered.cost),
        ...(registered.mandate === null ? {} : { mandate: mandateUseToWire(registered.mandate) }),
        alreadyRegistered: registered.alreadyRegistered,
      };
    },
    addStake: async (request, call) => {
      access.demand('operator', call);
      const { hotkey, mandate } = request;
      const target = raoField('target_rao', request.targetRao);
      const stake = { netuid: netuidField(request.netuid), hotkey, target, mandate, cause: causeField(request.cause) };
      const raised = await valueOf(raiseStake(stake), countRefusal);
      return { stake: moneyToWire(asset, raised.stake), mandate: mandateUseToWire(raised.mandate) };
    },
    deregister: async (request, call) => {
      access.demand('operator', call);
      const { hotkey, mandate } = request;
      const end = { netuid: netuidField(request.netuid), hotkey, mandate, cause: causeField(request.cause) };
      return { sequence: BigInt(await valueOf(deregister(end), countRefusal)) };
    },
  };
}

/** What neurons and wallets do by their own signature, whoever carries it here. */
export function signedHandlers(ports: ChangePorts): Pick<Handlers, 'announce' | 'submitOrder'> {
  const [announce, submitOrder] = [makeAnnounce(ports), makeSubmitOrder(ports)];
  return {
    announce: async (request) => {
      const neuron = await valueOf(announce(netuidField(request.netuid), request.announcement), ports.countRefusal);
      return neuron.endpoint === null ? {} : { endpoint: endpointToWire(neuron, neuron.endpoint) };
    },
    submitOrder: async (request) => {
      const done = await valueOf(submitOrder(request.order), ports.countRefusal);
      return {
        sequence: BigInt(done.sequence),
        block: BigInt(done.block),
        ...(done.neuron === null ? {} : { neuron: neuronToWire(done.neuron) }),
      };
    },
  };
}

/** What billing does with the accounts that wallets fund. A refused item does not touch the others. */
export function billingHandlers(
  ports: ChangePorts,
): Pick<Handlers, 'submitTransfers' | 'createHolds' | 'postHolds' | 'voidHolds'> {
  const { access, asset } = ports;
  const money = makeMoveMoney(ports);
  const results = (ids: readonly string[], orders: readonly Promise<MoneyResult>[]) => itemResults(ports, ids, orders);
  return {
    submitTransfers: async (request, call) => {
      access.demand('billing', call);
      const transfers = batchField('transfers', request.transfers).map(({ id, from, to, code, amount }, index) => ({
        id,
        from,
        to,
        code,
        amount: moneyField(`transfers[${index}].amount`, amount, asset),
      }));
      return results(idsOf(transfers), transfers.map(money.transfer));
    },
    createHolds: async (request, call) => {
      access.demand('billing', call);
      const holds = batchField('holds', request.holds).map(({ id, account, amount, expiresAtBlock }, index) => ({
        id,
        account,
        amount: moneyField(`holds[${index}].amount`, amount, asset),
        expiresAtBlock: countField(`holds[${index}].expires_at_block`, expiresAtBlock),
      }));
      return results(idsOf(holds), holds.map(money.createHold));
    },
    postHolds: async (request, call) => {
      access.demand('billing', call);
      const posts = batchField('posts', request.posts).map(({ id, holdId, close, parts }, index) => ({
        id,
        holdId,
        close,
        parts: parts.map(({ to, code, amountRao, netuid }, part) => ({
          to,
          code,
          amount: raoField(`posts[${index}].parts[${part}].amount_rao`, amountRao),
          ...(netuid === 0 ? {} : { netuid }),
        })),
      }));
      return results(idsOf(posts), posts.map(money.postHold));
    },
    voidHolds: async (request, call) => {
      access.demand('billing', call);
      const ids = batchField('hold_ids', request.holdIds);
      return results(ids, ids.map(money.voidHold));
    },
  };
}

function idsOf(items: readonly { readonly id: string }[]): readonly string[] {
  return items.map((item) => item.id);
}

async function itemResults(ports: ChangePorts, ids: readonly string[], orders: readonly Promise<MoneyResult>[]) {
  const decided = await answered(Promise.all(orders));
  return {
    results: decided.map((decision, index) => {
      const id = ids[index] ?? '';
      if (decision.ok) {
        const { sequence, remaining, repeated } = decision.value;
        return { id, ok: true, sequence: BigInt(sequence), remainingRao: remaining.toString(), repeatedCall: repeated };
      }
      ports.countRefusal(decision.code);
      return { id, ok: false, reason: decision.code, message: decision.message };
    }),
  };
}
