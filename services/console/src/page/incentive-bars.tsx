import type { MetagraphView } from '../domain/views.ts';
import { shareText } from './number-text.ts';
import { hashOf } from './route.ts';

const SHOWN_MAX = 12;

/** The best miners by incentive; the table below is its twin with every number. */
export function IncentiveBars({ metagraph }: { metagraph: MetagraphView }) {
  const miners = metagraph.neurons
    .filter((neuron) => neuron.role === 'Miner')
    .toSorted((left, right) => right.incentive - left.incentive || left.uid - right.uid);
  const shown = miners.slice(0, SHOWN_MAX);
  const highest = shown[0]?.incentive ?? 0;
  if (shown.length === 0) return null;
  return (
    <section aria-labelledby="incentive-title" className="card">
      <h2 id="incentive-title">
        Incentive by miner{' '}
        <span className="quiet">
          share of one, epoch {metagraph.epoch}, block {metagraph.block}
        </span>
      </h2>
      {highest === 0 && (
        <p className="quiet">
          No miner has incentive yet: permits come with epoch 1, weights are committed in 2 and revealed in 3.
        </p>
      )}
      <ol className="bars">
        {shown.map((neuron) => (
          <li key={neuron.uid}>
            <a href={hashOf({ page: 'neuron', netuid: metagraph.subnet.netuid, uid: neuron.uid })}>{neuron.name}</a>
            <svg className="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
              <rect className="bar-ground" width="100" height="10" rx="1" />
              <rect
                className={neuron.incentive > 0 ? 'bar-fill' : 'bar-none'}
                width={highest === 0 ? 0 : (100 * neuron.incentive) / highest}
                height="10"
                rx="1"
              />
            </svg>
            <span className="number">{shareText(neuron.incentive)}</span>
            <span className="quiet why">{neuron.why}</span>
          </li>
        ))}
      </ol>
      {miners.length > SHOWN_MAX && (
        <p className="quiet">
          The first {SHOWN_MAX} of {miners.length}; all of them are in the table.
        </p>
      )}
    </section>
  );
}
