import { useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import type { MetagraphView, NeuronView } from '../domain/views.ts';
import { orDash, shareText, tokensText } from './number-text.ts';
import { hashOf } from './route.ts';
import { nextSorting, searchNeurons, sortNeurons, type Sorting, type SortKey } from './sort-neurons.ts';

interface Column {
  readonly key: SortKey;
  readonly title: string;
  readonly about: string;
  readonly isNumber: boolean;
}

function columns(symbol: string): readonly Column[] {
  return [
    { key: 'uid', title: 'UID', about: 'Slot number in the subnet', isNumber: true },
    { key: 'name', title: 'Name', about: 'Resource that manages it, or its hotkey', isNumber: false },
    { key: 'role', title: 'Role', about: 'Miner or validator', isNumber: false },
    { key: 'stake', title: `Stake / ${symbol}`, about: 'Stake on its hotkey', isNumber: true },
    { key: 'incentive', title: 'Incentive', about: 'Share of the miners’ emission', isNumber: true },
    { key: 'dividends', title: 'Dividends', about: 'Share of the validators’ emission', isNumber: true },
    {
      key: 'validatorTrust',
      title: 'Trust',
      about: 'How much of a validator’s weights the consensus took',
      isNumber: true,
    },
    { key: 'earned', title: `Earned / ${symbol}`, about: 'Paid for the newest scored epoch', isNumber: true },
    { key: 'loss', title: 'Loss', about: 'Average CRPS of its answers; lower is better', isNumber: true },
  ];
}

/** Every neuron of the subnet, sortable and searchable. */
export function MetagraphTable({ metagraph, symbol }: { metagraph: MetagraphView; symbol: string }) {
  const [sorting, setSorting] = useState<Sorting>({ key: 'earned', direction: 'descending' });
  const [text, setText] = useState('');
  const wanted = useDeferredValue(text);
  const search = useSearchKey();
  const rows = useMemo(
    () => sortNeurons(searchNeurons(metagraph.neurons, wanted), sorting),
    [metagraph, wanted, sorting],
  );
  return (
    <section aria-labelledby="metagraph-title" className="card">
      <div className="table-head">
        <h2 id="metagraph-title">
          Metagraph{' '}
          <span className="quiet">
            epoch {metagraph.epoch}, block {metagraph.block}
          </span>
        </h2>
        <label className="search">
          <span>Search</span>
          <input
            ref={search}
            type="search"
            value={text}
            onChange={(event) => setText(event.target.value)}
            placeholder="name, key, uid, reason  ( / )"
          />
        </label>
      </div>
      <p className="quiet" role="status">
        {rows.length} of {metagraph.neurons.length} neurons
      </p>
      <div className="scroll" tabIndex={0} role="region" aria-labelledby="metagraph-title">
        <table className="metagraph">
          <thead>
            <tr>
              {columns(symbol).map((column) => (
                <Head
                  key={column.key}
                  column={column}
                  sorting={sorting}
                  onSort={() => setSorting(nextSorting(sorting, column.key))}
                />
              ))}
              <th scope="col">Why</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((neuron) => (
              <Row key={neuron.uid} neuron={neuron} netuid={metagraph.subnet.netuid} />
            ))}
          </tbody>
        </table>
      </div>
      {rows.length === 0 && <p className="quiet">No neuron matches “{wanted}”.</p>}
    </section>
  );
}

function Head({ column, sorting, onSort }: { column: Column; sorting: Sorting; onSort: () => void }) {
  const isSorted = sorting.key === column.key;
  return (
    <th scope="col" className={column.isNumber ? 'number' : ''} aria-sort={isSorted ? sorting.direction : 'none'}>
      <button type="button" onClick={onSort} title={column.about}>
        {column.title}
        <span className="arrow" aria-hidden="true">
          {isSorted ? (sorting.direction === 'ascending' ? '▲' : '▼') : ''}
        </span>
      </button>
    </th>
  );
}

function Row({ neuron, netuid }: { neuron: NeuronView; netuid: number }) {
  const isMiner = neuron.role === 'Miner';
  return (
    <tr>
      <td className="number">{neuron.uid}</td>
      <th scope="row">
        <a href={hashOf({ page: 'neuron', netuid, uid: neuron.uid })} title={neuron.hotkey}>
          {neuron.name}
        </a>
      </th>
      <td>
        <span className={`chip ${isMiner ? 'miner' : 'validator'}`}>{neuron.role}</span>
        {neuron.immune && (
          <span className="chip idle" title="Cannot be evicted yet">
            immune
          </span>
        )}
      </td>
      <td className="number" title={neuron.stake.text}>
        {tokensText(neuron.stake.rao, 0)}
      </td>
      <td className="number">{isMiner ? shareText(neuron.incentive) : '–'}</td>
      <td className="number">{isMiner ? '–' : shareText(neuron.dividends)}</td>
      <td className="number">{isMiner ? '–' : shareText(neuron.validatorTrust)}</td>
      <td className="number" title={neuron.earnedLastEpoch.text}>
        {tokensText(neuron.earnedLastEpoch.rao, 3)}
      </td>
      <td className="number">{orDash(neuron.loss, (loss) => loss.toFixed(5))}</td>
      <td className="why">
        <span className={`dot ${dotOf(neuron)}`} aria-hidden="true" />
        {neuron.why}
      </td>
    </tr>
  );
}

function dotOf(neuron: NeuronView): string {
  if (neuron.earnedLastEpoch.rao !== '0') return 'good';
  return neuron.reason === 'NotJudgedYet' ? 'idle' : 'bad';
}

/** The key `/` goes to the search field, unless something is being typed. */
function useSearchKey() {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== '/' || event.target instanceof HTMLInputElement) return;
      event.preventDefault();
      field.current?.focus();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
  return field;
}
