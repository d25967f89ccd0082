import type { ExplanationView, NetworkView, NeuronView } from '../domain/views.ts';
import { Accounts } from './accounts.tsx';
import { useExplanation } from './market-api.ts';
import { countText, orDash, shareText, tokensText } from './number-text.ts';
import { StakeProjection } from './projections.tsx';
import { hashOf } from './route.ts';
import { Slashes } from './slashes.tsx';
import { versionOf } from './subnet-page.tsx';

/** Why a miner or validator earns what it earns. */
export function NeuronPage({ network, netuid, uid }: { network: NetworkView; netuid: number; uid: number }) {
  const subnet = network.subnets.find((candidate) => candidate.netuid === netuid);
  const { value, error } = useExplanation(netuid, uid, versionOf(subnet));
  return (
    <>
      <nav aria-label="Where you are" className="trail">
        <a href={hashOf({ page: 'subnets' })}>Subnets</a> <span aria-hidden="true">/</span>{' '}
        <a href={hashOf({ page: 'subnet', netuid })}>{subnet?.handle ?? `netuid ${netuid}`}</a>{' '}
        <span aria-hidden="true">/</span> {value?.neuron.name ?? `uid ${uid}`}
      </nav>
      {error !== undefined && (
        <p className="notice" role="alert">
          {error}
        </p>
      )}
      {value === undefined ? (
        error === undefined && <p className="quiet">Reading the epoch…</p>
      ) : (
        <>
          <Explained explanation={value} symbol={network.symbol} netuid={netuid} />
          {value.neuron.role === 'Validator' && (
            <StakeProjection
              netuid={netuid}
              uid={uid}
              hotkey={value.neuron.hotkey}
              version={versionOf(subnet)}
              symbol={network.symbol}
            />
          )}
        </>
      )}
    </>
  );
}

function Explained({ explanation, symbol, netuid }: { explanation: ExplanationView; symbol: string; netuid: number }) {
  const { neuron } = explanation;
  return (
    <>
      <h1>
        {neuron.name} <span className={`chip ${neuron.role === 'Miner' ? 'miner' : 'validator'}`}>{neuron.role}</span>{' '}
        <span className="quiet">uid {neuron.uid}</span>
      </h1>
      <p className="answer">{neuron.why}</p>
      {explanation.standing !== '' && <p className="quiet">{explanation.standing}</p>}
      <Slashes slashes={explanation.slashes} symbol={symbol} />
      <Facts neuron={neuron} symbol={symbol} />
      <Accounts accounts={explanation.accounts} netuid={netuid} />
      <p className="quiet">
        Epoch {explanation.epoch}, {explanation.formula}, policy version {explanation.policyVersion}, inputs{' '}
        <code title={explanation.inputsSha256}>sha256:{explanation.inputsSha256.slice(0, 12)}…</code> Recompute it
        yourself: <code>{`subnetes epoch replay --netuid ${netuid} --epoch ${explanation.epoch}`}</code>
      </p>
    </>
  );
}

function Facts({ neuron, symbol }: { neuron: NeuronView; symbol: string }) {
  const isMiner = neuron.role === 'Miner';
  return (
    <dl className="tiles">
      <div>
        <dt>{isMiner ? 'Incentive' : 'Dividends'}</dt>
        <dd>{shareText(isMiner ? neuron.incentive : neuron.dividends)}</dd>
        <dd className="quiet">share of one</dd>
      </div>
      <div>
        <dt>Earned in the epoch</dt>
        <dd title={neuron.earnedLastEpoch.text}>
          {tokensText(neuron.earnedLastEpoch.rao, 3)} {symbol}
        </dd>
        <dd className="quiet">
          {tokensText(neuron.earnedTotal.rao, 3)} {symbol} since block {countText(neuron.registeredAtBlock)}
        </dd>
      </div>
      <div>
        <dt>Stake</dt>
        <dd title={neuron.stake.text}>
          {tokensText(neuron.stake.rao, 0)} {symbol}
        </dd>
        <dd className="quiet" title={neuron.delegated.text}>
          {neuron.permit ? 'holds a permit' : 'no permit'}; {tokensText(neuron.delegated.rao, 0)} delegated, take{' '}
          {(100 * neuron.take).toFixed(1)} %
        </dd>
      </div>
      {isMiner ? (
        <div>
          <dt>Loss (CRPS)</dt>
          <dd>{orDash(neuron.loss, (loss) => loss.toFixed(5))}</dd>
          <dd className="quiet">
            {countText(neuron.judged)} answers judged,{' '}
            {orDash(neuron.invalidShare, (share) => `${Math.round(100 * share)} % refused or missing`)}
          </dd>
        </div>
      ) : (
        <div>
          <dt>Trust</dt>
          <dd>{shareText(neuron.validatorTrust)}</dd>
          <dd className="quiet">weights {neuron.weights ?? 'none'}</dd>
        </div>
      )}
    </dl>
  );
}
