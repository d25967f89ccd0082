import type { SignedEnvelope } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { accept, type Decision, refuse } from '#domain/book/refusal.ts';
import type { Cause, MandateUse } from '#domain/economy/mandate.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import type { Registered } from '#domain/economy/registration.ts';
import { deregister, raiseStake } from '#domain/economy/stake.ts';
import { type NeuronView, neuronView } from '#domain/economy/views.ts';
import { readBinding, readGrant, readInvited, type SignedContext } from './read-signed.ts';
import { type PendingView, pendingView } from '#domain/life/pending-view.ts';
import { type Enrolled, registerOrWait } from '#domain/life/register-or-wait.ts';
import type { Sequencer } from './sequencer.ts';

interface Ports {
  readonly sequencer: Sequencer;
  readonly networkId: Uint8Array;
}

/** A registration as the operator asks for it. Money in rao. */
export interface RegisterCall {
  readonly netuid: number;
  readonly binding: SignedEnvelope | undefined;
  readonly mandate: SignedEnvelope | undefined;
  readonly maxCost: bigint;
  readonly initialStake: bigint;
  readonly attempt: number;
  readonly invitation?: SignedEnvelope | undefined;
  readonly cause: Cause;
}

/** Either a neuron, or what it waits for. */
export interface RegisterResult extends Omit<Registered, 'neuron'> {
  readonly neuron: NeuronView | null;
  readonly waiting: PendingView | null;
}

/** Verifies binding and mandate, and registers the hotkey. */
export function makeRegister(ports: Ports) {
  return async (call: RegisterCall): Promise<Decision<RegisterResult>> => {
    const context = await contextOf(ports);
    const mandate = readGrant(call.mandate, context);
    if (!mandate.ok) return mandate;
    const binding = readBinding(call.binding, context);
    if (!binding.ok) return binding;
    const { hotkey, coldkey } = binding.value;
    if (coldkey !== mandate.value.owner) {
      return refuse('WRONG_SIGNER', `the hotkey is bound to ${coldkey}, the mandate is for ${mandate.value.owner}`);
    }
    // Whoever lets another pay says which mandate: no sponsor can take a hotkey that its owner has not offered.
    const isSponsored = mandate.value.payer !== mandate.value.owner;
    if (isSponsored && binding.value.sponsoredBy !== mandate.value.sha256) {
      return refuse(
        'WRONG_SIGNER',
        `the hotkey's binding does not name the mandate ${mandate.value.sha256} of its sponsor`,
      );
    }
    const invited = readInvited(call.invitation, context);
    if (!invited.ok) return invited;
    return ports.sequencer.submit({
      run: (ledger) => {
        const enrolled = registerOrWait(ledger, {
          netuid: call.netuid,
          hotkey,
          coldkey,
          payer: mandate.value.payer,
          maxCost: call.maxCost,
          initialStake: call.initialStake,
          attempt: call.attempt,
          mandate: mandate.value,
          cause: call.cause,
          ...invited.value,
        });
        return enrolled.ok ? accept(resultOf(ledger, enrolled.value)) : enrolled;
      },
    });
  };
}

function resultOf(ledger: Ledger, enrolled: Enrolled): RegisterResult {
  if (enrolled.kind === 'Registered') {
    const { registered } = enrolled;
    return { ...registered, neuron: neuronView(ledger, registered.neuron), waiting: null };
  }
  const { challenge, mandate } = enrolled.waiting;
  return {
    neuron: null,
    waiting: pendingView(ledger, challenge),
    cost: challenge.cost,
    mandate,
    alreadyRegistered: false,
  };
}

/** Raises a neuron's stake to a target. */
export function makeRaiseStake(ports: Ports) {
  return async (call: {
    readonly netuid: number;
    readonly hotkey: string;
    readonly target: bigint;
    readonly mandate: SignedEnvelope | undefined;
    readonly cause: Cause;
  }): Promise<Decision<{ readonly stake: bigint; readonly mandate: MandateUse }>> => {
    const mandate = readGrant(call.mandate, await contextOf(ports));
    if (!mandate.ok) return mandate;
    return ports.sequencer.submit({ run: (ledger) => raiseStake(ledger, { ...call, mandate: mandate.value }) });
  };
}

/** Ends a registration; answers the entry's sequence. */
export function makeDeregister(ports: Ports) {
  return async (call: {
    readonly netuid: number;
    readonly hotkey: string;
    readonly mandate: SignedEnvelope | undefined;
    readonly cause: Cause;
  }): Promise<Decision<number>> => {
    const mandate = readGrant(call.mandate, await contextOf(ports));
    if (!mandate.ok) return mandate;
    return ports.sequencer.submit({ run: (ledger) => deregister(ledger, { ...call, mandate: mandate.value }) });
  };
}

async function contextOf(ports: Ports): Promise<SignedContext> {
  return { networkId: ports.networkId, block: await ports.sequencer.read((ledger) => ledger.block) };
}
