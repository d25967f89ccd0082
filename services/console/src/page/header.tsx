import type { NetworkView } from '../domain/views.ts';
import type { LiveState } from './market-api.ts';
import { countText, tokensText } from './number-text.ts';
import { hashOf } from './route.ts';
import { useTheme } from './theme.ts';

const STATE_TEXT: Readonly<Record<LiveState, string>> = {
  connecting: 'Connecting…',
  live: 'Live',
  lost: 'Connection lost, trying again',
  paused: 'Paused',
};

interface HeaderProps {
  readonly network: NetworkView | undefined;
  readonly state: LiveState;
  readonly paused: boolean;
  readonly onPause: () => void;
}

/** Name, block, supply and whether the page is live. */
export function Header({ network, state, paused, onPause }: HeaderProps) {
  const { theme, next } = useTheme();
  return (
    <header className="top">
      <a className="brand" href={hashOf({ page: 'subnets' })}>
        <Mark />
        Subnetes
      </a>
      {network !== undefined && <Facts network={network} />}
      <nav aria-label="Pages">
        <a href={hashOf({ page: 'subnets' })}>Subnets</a> <a href={hashOf({ page: 'proposals' })}>Proposals</a>
      </nav>
      <div className="controls">
        <span className={`live live-${state}`} role="status">
          {STATE_TEXT[state]}
        </span>
        <button type="button" onClick={onPause} aria-pressed={paused}>
          {paused ? 'Go on' : 'Pause'}
        </button>
        <button type="button" onClick={next} aria-label={`Theme: ${theme}. Change`}>
          Theme: {theme}
        </button>
      </div>
    </header>
  );
}

function Facts({ network }: { network: NetworkView }) {
  return (
    <dl className="facts">
      <div>
        <dt>Block</dt>
        <dd data-testid="block">{countText(network.block)}</dd>
      </div>
      <div>
        <dt>Issued</dt>
        <dd title={`${network.issued.text} of ${network.cap.text}`}>
          {tokensText(network.issued.rao, 0)} {network.symbol}
        </dd>
      </div>
      <div>
        <dt>Reward</dt>
        <dd>
          {tokensText(network.blockReward.rao, 3)} {network.symbol} a block
        </dd>
      </div>
      <div>
        <dt>Network</dt>
        <dd title={network.networkId}>
          <code>{network.networkId.slice(0, 8)}</code>
        </dd>
      </div>
    </dl>
  );
}

function Mark() {
  return (
    <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
      <rect width="32" height="32" rx="8" className="mark-ground" />
      <path d="M16 9 L9 21 L23 21 Z" className="mark-line" />
      <circle cx="16" cy="9" r="3.2" className="mark-dot" />
      <circle cx="9" cy="21" r="3.2" className="mark-dot" />
      <circle cx="23" cy="21" r="3.2" className="mark-dot" />
    </svg>
  );
}
