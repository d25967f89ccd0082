import { fails, holds, type Judgement } from './judgement.ts';
import type { NeuronView, SubnetView } from './market.ts';

/** What came of a notice where the spec says to stay; undefined where it says nothing, or there is none. */
export type NoticeAnswer =
  | { readonly kind: 'stayed'; readonly message: string }
  | { readonly kind: 'refused'; readonly message: string };

/** Warning that a newcomer has paid for a neuron's place. Blocks stand for the countdown: nothing is written block by block. */
export function judgeEviction(
  neuron: NeuronView | undefined,
  symbol: string,
  answer?: NoticeAnswer,
): Judgement | undefined {
  if (answer?.kind === 'stayed') return fails('EvictionAnnounced', 'EvictionMatched', answer.message);
  if (neuron?.eviction === undefined) return undefined;
  const { announcedAtBlock, dueBlock, priceText } = neuron.eviction;
  const message = `uid ${neuron.uid} goes in block ${dueBlock}, ${dueBlock - announcedAtBlock} blocks after its notice in block ${announcedAtBlock}; stay for ${priceText} ${symbol} with \`subnetes subnet match ${neuron.hotkey}\`, or earn more than another until then`;
  if (answer === undefined) return holds('EvictionAnnounced', 'EvictionAnnounced', message);
  return holds('EvictionAnnounced', 'MatchRefused', `${answer.message}: ${message}`);
}

/** How far a subnet's end has come; undefined while it goes on. */
export function judgeDissolution(
  market: Pick<SubnetView, 'dissolution'> | undefined,
  answer?: NoticeAnswer,
): Judgement | undefined {
  if (answer?.kind === 'stayed') return fails('Dissolving', 'SubnetKept', answer.message);
  if (market?.dissolution === undefined) return undefined;
  const { phase, announcedAtBlock, atBlock, newcomer } = market.dissolution;
  switch (phase) {
    case 'Announced': {
      const how =
        newcomer === undefined
          ? 'its owner can take that back'
          : `subnet ${newcomer.netuid} waits for its place; its owner can keep it by locking ${newcomer.lockText} more`;
      const message = `it ends in block ${atBlock}, ${atBlock - announcedAtBlock} blocks after the announcement; ${how} with \`subnetes subnet keep\``;
      if (answer === undefined) return holds('Dissolving', 'DissolutionAnnounced', message);
      return holds('Dissolving', 'KeepRefused', `${answer.message}: ${message}`);
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
