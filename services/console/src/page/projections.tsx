import { spokenTime } from '@subnetes/consensus/projection/spoken-time';
import { useState } from 'react';
import {
  delegationOver,
  emissionOver,
  epochsUntil,
  type OutlookView,
  paybackOver,
  rootBehind,
} from '../domain/outlook.ts';
import { useOutlook } from './market-api.ts';
import { countText, tokensText } from './number-text.ts';

const DAY_MS = 86_400_000;
const DAYS = 30;
const DAYS_MAX = 365;
const TOKENS_MAX = 1_000_000;
const RAO = 1_000_000_000n;

function blocksOf({ blockTimeMs }: OutlookView, days: number): number {
  return blockTimeMs === 0 ? 0 : Math.round((days * DAY_MS) / blockTimeMs);
}

/** What the subnet gets in thirty days, and when a registration has paid for itself. */
export function SubnetProjection({ netuid, version, symbol }: { netuid: number; version: string; symbol: string }) {
  const { value: outlook } = useOutlook(netuid, version);
  if (outlook === undefined) return undefined;
  const blocks = blocksOf(outlook, DAYS);
  const { mean } = paybackOver(outlook, blocks);
  return (
    <dl className="tiles" aria-label="Projection">
      <div>
        <dt>Next {DAYS} days</dt>
        <dd>
          {tokensText(emissionOver(outlook, blocks).toString(), 0)} {symbol}
        </dd>
        <dd className="quiet">emission, if everything stays as it is</dd>
      </div>
      <div>
        <dt>Registration paid back</dt>
        <dd>{outlook.miners === 0 ? '–' : paybackText(outlook, mean.blocks)}</dd>
        <dd className="quiet">
          by a newcomer like the mean of {outlook.miners} miners of the last {outlook.epochsSeen} epochs
        </dd>
      </div>
    </dl>
  );
}

function paybackText(outlook: OutlookView, blocks: number | undefined): string {
  if (blocks === undefined) return `not within ${DAYS} days`;
  const epochs = epochsUntil(outlook, blocks);
  return `in about ${spokenTime(blocks * outlook.blockTimeMs)} (${epochs} ${epochs === 1 ? 'epoch' : 'epochs'})`;
}

/** What a delegation to a validator would earn; reckoned on this page, by the functions that the ledger reckons with. */
export function StakeProjection(place: { netuid: number; uid: number; version: string; symbol: string }) {
  const { netuid, uid, version, symbol } = place;
  const { value: outlook } = useOutlook(netuid, version);
  const [tokens, setTokens] = useState(100);
  const [days, setDays] = useState(DAYS);
  if (outlook === undefined) return undefined;
  const question = { uid, rao: BigInt(tokens) * RAO, blocks: blocksOf(outlook, days) };
  const earned = tokens < 1 ? undefined : delegationOver(outlook, question);
  const text = (rao: bigint | undefined): string => (rao === undefined ? '–' : tokensText(rao.toString(), 3));
  return (
    <section aria-label="Projection">
      <RootBehind outlook={outlook} uid={uid} symbol={symbol} />
      <h2>What a delegation would earn</h2>
      <p>
        <label>
          Delegate{' '}
          <input
            type="number"
            min={1}
            max={TOKENS_MAX}
            value={tokens}
            onChange={(event) => setTokens(within(event.target.value, TOKENS_MAX))}
          />
        </label>{' '}
        {symbol}{' '}
        <label>
          for{' '}
          <input
            type="number"
            min={1}
            max={DAYS_MAX}
            value={days}
            onChange={(event) => setDays(within(event.target.value, DAYS_MAX))}
          />
        </label>{' '}
        days
      </p>
      <dl className="tiles">
        <div>
          <dt>Earns</dt>
          <dd>
            {text(earned?.mean.reward)} {symbol}
          </dd>
          <dd className="quiet">
            {text(earned?.low.reward)} to {text(earned?.high.reward)}, after the take
          </dd>
        </div>
        <div>
          <dt>Epochs</dt>
          <dd>{earned === undefined ? '–' : countText(earned.mean.epochs)}</dd>
          <dd className="quiet">
            {earned === undefined
              ? 'it has earned no dividends of late'
              : `by the last ${outlook.epochsSeen} epochs; nothing is promised`}
          </dd>
        </div>
      </dl>
    </section>
  );
}

function RootBehind({ outlook, uid, symbol }: { outlook: OutlookView; uid: number; symbol: string }) {
  const root = rootBehind(outlook, uid);
  if (root === undefined) return undefined;
  return (
    <p>
      Behind it stand {tokensText(root.stake.toString(), 0)} {symbol} on root as well, which count for{' '}
      {tokensText(root.counts.toString(), 0)} here.
    </p>
  );
}

/** A whole number from 0 to a limit, whatever was typed. */
function within(typed: string, limit: number): number {
  const value = Math.trunc(Number(typed));
  return Number.isFinite(value) ? Math.min(limit, Math.max(0, value)) : 0;
}
