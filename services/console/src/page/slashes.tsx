import type { SlashView } from '../domain/views.ts';
import { tokensText } from './number-text.ts';

/** What a neuron is accused of, and what came of it. Nothing where it never was. */
export function Slashes({ slashes, symbol }: { slashes: readonly SlashView[]; symbol: string }) {
  if (slashes.length === 0) return null;
  return (
    <section aria-label="Slashes">
      {slashes.map((slash) => (
        <p key={slash.id} className={slash.isOpen ? 'notice' : 'quiet'} role={slash.isOpen ? 'alert' : undefined}>
          Slash <code title={slash.id}>{slash.id.slice(0, 12)}</code> for {slash.what}, {slash.status.toLowerCase()}:{' '}
          <span title={slash.amount.text}>
            {tokensText(slash.amount.rao, 3)} {symbol}
          </span>
          ; {slash.next}.
        </p>
      ))}
    </section>
  );
}
