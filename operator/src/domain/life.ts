import { holds, type Judgement } from './judgement.ts';
import type { NeuronView, SubnetView } from './market.ts';

/** Warning that a newcomer has paid for a neuron's place. Blocks stand for the countdown: nothing is written block by block. */
export function judgeEviction(neuron: NeuronView | undefined, symbol: string): Judgement | undefined {
  if (neuron?.eviction === undefined) return undefined;
  const { announcedAtBlock, dueBlock, priceText } = neuron.eviction;
  const message = `uid ${neuron.uid} goes in block ${dueBlock}, ${dueBlock - announcedAtBlock} blocks after its notice in block ${announcedAtBlock}; stay for ${priceText} ${symbol} with \`subnetes subnet match ${neuron.hotkey}\`, or earn more than another until then`;
  return holds('EvictionAnnounced', 'EvictionAnnounced', message);
}

/** How far a subnet's end has come; undefined while it goes on. */
export function judgeDissolution(market: Pick<SubnetView, 'dissolution'> | undefined): Judgement | undefined {
  if (market?.dissolution === undefined) return undefined;
  const { phase, announcedAtBlock, atBlock, newcomer } = market.dissolution;
  switch (phase) {
    case 'Announced': {
      const how =
        newcomer === undefined
          ? 'its owner can take that back'
          : `subnet ${newcomer.netuid} waits for its place; its owner can keep it by locking ${newcomer.lockText} more`;
      const message = `it ends in block ${atBlock}, ${atBlock - announcedAtBlock} blocks after the announcement; ${how} with \`subnetes subnet keep\``;
      return holds('Dissolving', 'DissolutionAnnounced', message);
    }
    case 'Settling':
      return holds('Dissolving', 'Settling', `it ended in block ${atBlock}, and pays everybody out`);
    case 'Dissolved':
      return holds('Dissolving', 'Dissolved', `it ended in block ${atBlock}: all stake and all delegations went back`);
  }
}

/** Whether a subnet takes nothing of its owner's any more. */
export function hasEnded(market: Pick<SubnetView, 'dissolution'> | undefined): boolean {
  return market?.dissolution !== undefined && market.dissolution.phase !== 'Announced';
}
