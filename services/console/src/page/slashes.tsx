import type { AccusedView, SlashView } from '../domain/views.ts';
import { tokensText } from './number-text.ts';
import { hashOf } from './route.ts';

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

/** Who of a subnet is accused of what, as long as it is not decided. Nothing where nobody is. */
export function OpenSlashes({
  slashes,
  netuid,
  symbol,
}: {
  slashes: readonly AccusedView[];
  netuid: number;
  symbol: string;
}) {
  if (slashes.length === 0) return null;
  return (
    <section aria-labelledby="open-slashes">
      <h2 id="open-slashes">Open slashes</h2>
      <ul>
        {slashes.map(({ id, uid, name, what, status, amount, next }) => (
          <li key={id}>
            {uid === null ? name : <a href={hashOf({ page: 'neuron', netuid, uid })}>{name}</a>}
            {uid === null ? ' (has left)' : ` (uid ${uid})`} for {what}, {status.toLowerCase()}:{' '}
            <span title={amount.text}>
              {tokensText(amount.rao, 3)} {symbol}
            </span>
            ; {next}
          </li>
        ))}
      </ul>
    </section>
  );
}
