import { invalidField } from '@subnetes/proto/rpc-error';
import type { RpcHandlers } from '@subnetes/proto/grpc-handlers';
import type { Ledger as LedgerService } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { EmissionState } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import { makeAnnounce } from '#application/announce-endpoint.ts';
import { makePutSubnet } from '#application/put-subnet.ts';
import { makeDeregister, makeRaiseStake, makeRegister } from '#application/register-neuron.ts';
import type { Sequencer } from '#application/sequencer.ts';
import type { SignatureLane } from '#application/signature-lane.ts';
import { makeSubmitOrder } from '#application/submit-order.ts';
import { callerOf } from './caller.ts';
import type { Access } from './grpc-access.ts';
import { causeField, countField, netuidField, raoField } from './grpc-fields.ts';
import { type CountRefusal, valueOf } from './grpc-refusals.ts';
import {
  endpointToWire,
  mandateUseToWire,
  moneyToWire,
  neuronToWire,
  policyFromWire,
  registrationOfWire,
  subnetToWire,
} from './wire.ts';
import { pendingToWire } from './wire-lifecycle.ts';

export interface ChangePorts {
  readonly sequencer: Sequencer;
  readonly networkId: Uint8Array;
  readonly lane: SignatureLane;
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
          registration: registrationOfWire(request.registration),
          mandate: request.mandate,
          cause: causeField(request.cause),
          ...(request.maxCreationCostRao === ''
            ? {}
            : { maxCost: raoField('max_creation_cost_rao', request.maxCreationCostRao) }),
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
          invitation: request.invitation,
          mandate: request.mandate,
          maxCost: raoField('max_cost_rao', request.maxCostRao),
          initialStake: raoField('initial_stake_rao', request.initialStakeRao),
          attempt: countField('attempt', request.attempt),
          cause: causeField(request.cause),
        }),
        countRefusal,
      );
      return {
        ...(registered.neuron === null ? {} : { neuron: neuronToWire(registered.neuron) }),
        ...(registered.waiting === null ? {} : { waiting: pendingToWire(registered.waiting) }),
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
    submitOrder: async (request, call) => {
      const done = await valueOf(submitOrder(request.order, callerOf(call)), ports.countRefusal);
      return {
        sequence: BigInt(done.sequence),
        block: BigInt(done.block),
        ...(done.neuron === null ? {} : { neuron: neuronToWire(done.neuron) }),
      };
    },
  };
}
