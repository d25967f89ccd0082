import type { Network } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import type { SubnetState } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';

/** Who has to sign epochs, where anybody has to. */
export function witnessFacts({
  witnessesRequired,
  witnessKeys,
}: Pick<Network, 'witnessesRequired' | 'witnessKeys'>): [string, string][] {
  if (witnessesRequired === 0) return [];
  return [['witnesses', `${witnessesRequired} of ${witnessKeys.length} keys have to sign an epoch before it is paid`]];
}

/** Where a subnet's newest epoch stands, and for how long it has waited for witnesses. */
export function epochText(
  state: Pick<SubnetState, 'netuid' | 'epochIndex' | 'lastPaidIndex'>,
  { block, unwitnessed, witnessesRequired }: Pick<Network, 'block' | 'unwitnessed' | 'witnessesRequired'>,
): string {
  if (state.epochIndex === 0n) return 'no epoch yet';
  if (state.lastPaidIndex === state.epochIndex) return `epoch ${state.epochIndex} paid`;
  const sealed = `epoch ${state.epochIndex} sealed, ${state.lastPaidIndex} paid`;
  const waiting = unwitnessed.find(({ netuid, index }) => netuid === state.netuid && index === state.epochIndex);
  if (waiting === undefined) return sealed;
  return `${sealed}, ${waiting.signed} of ${witnessesRequired} witnesses for ${block - waiting.sinceBlock} blocks`;
}
