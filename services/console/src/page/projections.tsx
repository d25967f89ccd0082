import { type Interval, mapInterval } from '@subnetes/consensus/projection/emission-path';
import { spokenTime } from '@subnetes/consensus/projection/spoken-time';
import { useState } from 'react';
import {
  delegationOver,
  emissionOver,
  epochsUntil,
  isAlone,
  type OutlookView,
  paybackOver,
  rootBehind,
} from '../domain/outlook.ts';
import { useOutlook, useProjectedStake } from './market-api.ts';
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

interface Earned {
  /** Rao as text. */
  readonly reward: string;
  readonly epochs: number;
}

/**
 * What a delegation to a validator would earn. It is reckoned on this page, by the functions that the ledger reckons with; where
 * stake on root ties subnets together the ledger is asked as well, and its answer takes the place of the page's.
 */
export function StakeProjection(place: {
  netuid: number;
  uid: number;
  hotkey: string;
  version: string;
  symbol: string;
}) {
  const { netuid, uid, hotkey, version, symbol } = place;
  const { value: outlook } = useOutlook(netuid, version);
  const [tokens, setTokens] = useState(100);
  const [days, setDays] = useState(DAYS);
  const [rao, blocks] = [BigInt(tokens) * RAO, outlook === undefined ? 0 : blocksOf(outlook, days)];
  const own = outlook === undefined || tokens < 1 ? undefined : delegationOver(outlook, { uid, rao, blocks });
  // Of who earned nothing of late the ledger has as little to say as the page.
  const isTied = outlook !== undefined && own !== undefined && !isAlone(outlook);
  const { value: told } = useProjectedStake(netuid, isTied ? { hotkey, rao, blocks } : undefined, version);
  if (outlook === undefined) return undefined;
  const earned: Interval<Earned> | undefined = told ?? (own && mapInterval(own, earnedOf));
  const text = (each: Earned | undefined): string => (each === undefined ? '–' : tokensText(each.reward, 3));
  return (
    <section aria-label="Projection">
      <RootBehind outlook={outlook} uid={uid} symbol={symbol} />
      <h2>What a delegation would earn</h2>
      <p>
        <label>
          Delegate <Typed max={TOKENS_MAX} value={tokens} set={setTokens} />
        </label>{' '}
        {symbol}{' '}
        <label>
          for <Typed max={DAYS_MAX} value={days} set={setDays} />
        </label>{' '}
        days
      </p>
      <dl className="tiles">
        <div>
          <dt>Earns</dt>
          <dd>
            {text(earned?.mean)} {symbol}
          </dd>
          <dd className="quiet">
            {text(earned?.low)} to {text(earned?.high)}, after the take
            {isTied && (told === undefined ? '; by this subnet alone' : '; by the ledger, over all subnets')}
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

/** A whole number that somebody types. */
function Typed({ max, value, set }: { max: number; value: number; set: (typed: number) => void }) {
  return (
    <input type="number" min={1} max={max} value={value} onChange={(event) => set(within(event.target.value, max))} />
  );
}

function earnedOf({ reward, epochs }: { readonly reward: bigint; readonly epochs: number }): Earned {
  return { reward: reward.toString(), epochs };
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
