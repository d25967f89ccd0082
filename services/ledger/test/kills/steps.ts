import { accept, type Decision } from '../../src/domain/book/refusal.ts';
import { produceBlock } from '../../src/domain/economy/emission.ts';
import type { Ledger } from '../../src/domain/economy/ledger.ts';
import { balancesKey, recordBalances } from '../../src/domain/economy/record-balances.ts';
import { epochKey, payEpoch, type ScoredEpoch } from '../../src/domain/economy/payout.ts';
import { putSubnet, type PutSubnet } from '../../src/domain/economy/put-subnet.ts';
import { register } from '../../src/domain/economy/registration.ts';
import type { RegistrationTerms } from '../../src/domain/economy/registration-terms.ts';
import { deregister } from '../../src/domain/economy/stake.ts';
import type { SealedEpoch, SealedNeuron } from '../../src/domain/economy/sealed-epoch.ts';
import { carryOut, orderKey, type SignedOrder, type WalletOrder } from '../../src/domain/economy/wallet-order.ts';
import { registerOrWait } from '../../src/domain/life/register-or-wait.ts';
import { unpaid } from '../../src/test/simulated-scoring.ts';
import { causeOf, mandateOf, TAO, testPolicy } from '../../src/test/ledger-state.ts';
import type { Step } from './kill-run.ts';

/** A command of the ledger. */
export function command(name: string, run: (ledger: Ledger) => Decision<unknown>, keys: readonly string[] = []): Step {
  return { name, send: ({ sequencer }) => sequencer.submit({ keys, run }) };
}

/** What a wallet signs, with the next sequence. What it names may be found in the ledger; it is signed once. */
export function order<Type extends WalletOrder['type']>(
  signer: string,
  type: Type,
  terms: TermsOf<Type> | ((ledger: Ledger) => TermsOf<Type>),
): Step {
  let signed: SignedOrder | undefined;
  const sign = (ledger: Ledger): SignedOrder => {
    const found = typeof terms === 'function' ? (): TermsOf<Type> => terms(ledger) : (): TermsOf<Type> => terms;
    signed ??= {
      signer,
      sequence: (ledger.sequences.get(orderKey(signer)) ?? 0) + 1,
      expiresAtBlock: Number.MAX_SAFE_INTEGER,
      order: { type, ...found() } as unknown as WalletOrder, // the terms are those of its type
    };
    return signed;
  };
  return { ...command(`${type} of ${signer}`, (ledger) => carryOut(ledger, sign(ledger))), order: sign };
}

type TermsOf<Type extends WalletOrder['type']> = Omit<Extract<WalletOrder, { readonly type: Type }>, 'type'>;

/** The next blocks. The clock of a ledger that starts goes on with the block after the last one that is stored. */
export function blocks(count: number): readonly Step[] {
  return Array.from({ length: count }, (_, at): Step => {
    let before: number | undefined;
    return {
      name: `block ${at + 1} of ${count}`,
      send: ({ sequencer }) =>
        sequencer.submit({
          run(ledger) {
            before ??= ledger.block;
            return ledger.block > before ? accept(undefined) : produceBlock(ledger, 0);
          },
        }),
    };
  });
}

/** To a block at once, without those between. */
export function skipTo(block: number): Step {
  return command(`skip to block ${block}`, (ledger) => {
    if (ledger.block >= block) return accept(undefined);
    ledger.network = { ...ledger.network, block };
    ledger.journal.write({ block, kind: 'Test', payload: {} });
    return accept(undefined);
  });
}

/** A subnet of `owner`, by its mandate. */
export function subnet(handle: string, change: Partial<PutSubnet> = {}): Step {
  return command(`subnet ${handle}`, (ledger) =>
    putSubnet(ledger, {
      netuid: 0,
      handle,
      policy: testPolicy,
      emission: 'Started',
      registration: 'Open',
      mandate: mandateOf('owner'),
      cause: causeOf(handle, { kind: 'Subnet' }),
      ...change,
    }),
  );
}

/** A neuron of `desk`, by its mandate. */
export function neuron(hotkey: string, change: Partial<RegistrationTerms> = {}): Step {
  const terms = termsOf(hotkey, change);
  return command(`registration of ${hotkey}`, (ledger) => register(ledger, terms));
}

/** The same where it may have to wait for a place. */
export function newcomer(hotkey: string, change: Partial<RegistrationTerms> = {}): Step {
  const terms = termsOf(hotkey, change);
  return command(`newcomer ${hotkey}`, (ledger) => registerOrWait(ledger, terms));
}

/** The end of a registration of `desk` in subnet 1. */
export function leave(hotkey: string): Step {
  const mandate = mandateOf('desk');
  return command(`${hotkey} leaves`, (ledger) =>
    deregister(ledger, { netuid: 1, hotkey, mandate, cause: causeOf(hotkey) }),
  );
}

function termsOf(hotkey: string, change: Partial<RegistrationTerms>): RegistrationTerms {
  const coldkey = change.coldkey ?? 'desk';
  return {
    netuid: 1,
    hotkey,
    coldkey,
    payer: coldkey,
    maxCost: 2n * TAO,
    initialStake: 0n,
    attempt: 1,
    mandate: mandateOf(coldkey),
    cause: causeOf(hotkey),
    ...change,
  };
}

/** Pays the sealed epoch of a subnet, whose dividends are those of one neuron; scoring sends the same again. */
export function payout(netuid: number, index: number, validator: string, miner = validator): Step {
  let scored: ScoredEpoch | undefined;
  return command(
    `payment of epoch ${index} of ${netuid}`,
    (ledger) => {
      const sealed = ledger.sealed.get(String(netuid));
      if (sealed !== undefined) scored = scoredOf(sealed, { validator, miner });
      if (scored === undefined) throw new Error(`subnet ${netuid} has no sealed epoch`);
      return payEpoch(ledger, scored);
    },
    [epochKey(netuid, index)],
  );
}

function scoredOf(
  sealed: SealedEpoch,
  { validator, miner }: { readonly validator: string; readonly miner: string },
): ScoredEpoch {
  const earns = ({ hotkey }: SealedNeuron): boolean => hotkey === validator || hotkey === miner;
  const neurons = sealed.neurons.filter(earns).map(({ uid, hotkey, registrationId }) => ({
    uid,
    registrationId,
    incentive: hotkey === miner ? sealed.miner : 0n,
    dividend: hotkey === validator ? sealed.validator - 7n : 0n,
    incentiveU16: 1,
    dividendsU16: 2,
    permit: true,
  }));
  return { ...unpaid(sealed), neurons };
}

/** The root of all balances after a payment. */
export function balances(netuid: number, index: number): Step {
  return command(
    `balances of epoch ${index} of ${netuid}`,
    (ledger) => {
      const sequence = ledger.claims.find(epochKey(netuid, index))?.sequence ?? 0;
      return recordBalances(ledger, { netuid, index, sequence, root: 'ab'.repeat(32), accounts: 3 });
    },
    [epochKey(netuid, index), balancesKey(netuid, index)],
  );
}
