import { Input, Output, outputFor } from './contract';
export { abi_version, allocate } from './contract';

/** Parts of a hundred: the best miner's, and what all others share as the consensus divides it. */
const WINNER: u64 = 70;
const OTHERS: u64 = 30;

/** The miner with the highest incentive gets 70 %, of equals the one that registered first, then the lower uid. */
export function incentives(input: Input, _bytes: u32): Output {
  const output = outputFor(input, 0);
  let winner: u32 = 0;
  let total: u64 = 0;
  for (let uid: u32 = 0; uid < input.neurons; uid++) {
    total += input.incentive(uid);
    if (isAhead(input, uid, winner)) winner = uid;
  }
  // Nobody but the winner earned anything: then it gets all.
  const others = total - input.incentive(winner);
  if (others === 0) {
    output.setShare(winner, 1);
    return output;
  }
  for (let uid: u32 = 0; uid < input.neurons; uid++) output.setShare(uid, input.incentive(uid) * OTHERS);
  // winner : rest = 70 : 30, so the winner's share is others * 30 * 70 / 30.
  output.setShare(winner, others * WINNER);
  return output;
}

function isAhead(input: Input, uid: u32, winner: u32): bool {
  const own = input.incentive(uid);
  const best = input.incentive(winner);
  return own > best || (own === best && input.registeredAt(uid) < input.registeredAt(winner));
}
