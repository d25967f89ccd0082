import type { MetagraphView, NetworkView, PoolView, SubnetView } from '../domain/views.ts';
import { IncentiveBars } from './incentive-bars.tsx';
import { useMetagraph } from './market-api.ts';
import { MetagraphTable } from './metagraph-table.tsx';
import { countText, tokensText } from './number-text.ts';
import { SubnetProjection } from './projections.tsx';
import { hashOf } from './route.ts';
import { OpenSlashes } from './slashes.tsx';

/** What makes it worth to read the metagraph again. */
export function versionOf(subnet: SubnetView | undefined): string {
  return subnet === undefined ? '' : `${subnet.epoch}/${subnet.paidEpoch}/${subnet.neurons}/${subnet.pendingEvictions}`;
}

/** One subnet: its state in tiles, who gets the incentive, and the whole metagraph. */
export function SubnetPage({ network, netuid }: { network: NetworkView; netuid: number }) {
  const subnet = network.subnets.find((candidate) => candidate.netuid === netuid);
  const { value: metagraph, error } = useMetagraph(netuid, versionOf(subnet));
  if (subnet === undefined) {
    return (
      <p className="notice">
        The ledger has no subnet {netuid}. <a href={hashOf({ page: 'subnets' })}>All subnets</a>
      </p>
    );
  }
  return (
    <>
      <nav aria-label="Where you are" className="trail">
        <a href={hashOf({ page: 'subnets' })}>Subnets</a> <span aria-hidden="true">/</span> {subnet.handle}
      </nav>
      <h1>
        {subnet.handle} <span className="quiet">netuid {subnet.netuid}</span>
      </h1>
      <Ending subnet={subnet} />
      <Tiles subnet={subnet} network={network} metagraph={metagraph} />
      <SubnetProjection netuid={netuid} version={versionOf(subnet)} symbol={network.symbol} />
      {error !== undefined && (
        <p className="notice" role="alert">
          {error}
        </p>
      )}
      {metagraph === undefined ? (
        <p className="quiet">Reading the metagraph…</p>
      ) : (
        <>
          <Notices metagraph={metagraph} />
          <OpenSlashes slashes={metagraph.slashes} netuid={netuid} symbol={network.symbol} />
          <IncentiveBars metagraph={metagraph} />
          <MetagraphTable metagraph={metagraph} symbol={network.symbol} />
        </>
      )}
    </>
  );
}

/** That the subnet ends, where it does. */
function Ending({ subnet }: { subnet: SubnetView }) {
  const { dissolution } = subnet;
  if (dissolution === null) return null;
  return (
    <p className="notice" role="status">
      {dissolution.phase === 'Announced'
        ? `This subnet ends in block ${countText(dissolution.atBlock)}, in ${countText(dissolution.inBlocks)} blocks. All stake and all delegations go back by themselves.`
        : 'This subnet has ended and pays everybody out.'}
    </p>
  );
}

/** Neurons that go unless they do something. */
function Notices({ metagraph }: { metagraph: MetagraphView }) {
  const told = metagraph.neurons.filter((neuron) => neuron.notice !== null);
  if (told.length === 0) return null;
  return (
    <section aria-labelledby="notices">
      <h2 id="notices">Announced evictions</h2>
      <ul>
        {told.map(({ uid, name, notice }) => (
          <li key={uid}>
            <a href={hashOf({ page: 'neuron', netuid: metagraph.subnet.netuid, uid })}>{name}</a> (uid {uid}) goes in
            block {countText(notice?.dueBlock ?? 0)}; staying costs {notice?.price.text}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Tiles({
  subnet,
  network,
  metagraph,
}: {
  subnet: SubnetView;
  network: NetworkView;
  metagraph: MetagraphView | undefined;
}) {
  return (
    <dl className="tiles">
      <div>
        <dt>Epoch paid</dt>
        <dd>{subnet.paidEpoch}</dd>
        <dd className="quiet">
          {subnet.epoch === subnet.paidEpoch
            ? `sealed at block ${countText(subnet.epochBlock)}`
            : `epoch ${subnet.epoch} is being scored`}
        </dd>
      </div>
      <div>
        <dt>Next epoch</dt>
        <dd>in {subnet.nextEpochIn} blocks</dd>
        <dd className="quiet">
          at block {countText(subnet.nextEpochBlock)}, tempo {subnet.tempo}
        </dd>
      </div>
      <div>
        <dt>Last epoch paid</dt>
        <dd title={subnet.emissionLastEpoch.text}>
          {tokensText(subnet.emissionLastEpoch.rao, 3)} {network.symbol}
        </dd>
        <dd className="quiet">
          pot {tokensText(subnet.pot.rao, 3)} {network.symbol}
        </dd>
      </div>
      <NeuronsTile subnet={subnet} symbol={network.symbol} />
      {subnet.pool !== null && <PoolTile pool={subnet.pool} symbol={network.symbol} />}
      <div>
        <dt>Validators reporting</dt>
        <dd>
          {metagraph === undefined ? '–' : `${metagraph.validatorsRevealed} of ${metagraph.validatorsWithPermit}`}
        </dd>
        <dd className="quiet">
          {metagraph !== undefined && metagraph.replayDay !== ''
            ? `judged up to ${metagraph.replayDay}`
            : 'of those with a permit'}
        </dd>
      </div>
    </dl>
  );
}

/** How many there are, what it costs to become one, and where intervals move that, when. */
function NeuronsTile({ subnet, symbol }: { subnet: SubnetView; symbol: string }) {
  const { registrationInterval: interval } = subnet;
  return (
    <div>
      <dt>Neurons</dt>
      <dd>{subnet.neurons}</dd>
      <dd className="quiet">
        registration {tokensText(subnet.registrationCost.rao, 3)} {symbol}, {subnet.registration.toLowerCase()}
      </dd>
      {interval !== null && (
        <dd className="quiet">
          moves in {countText(interval.inBlocks)} blocks: {interval.registrations} of {interval.targetRegistrations}{' '}
          registered
        </dd>
      )}
    </div>
  );
}

/** What the subnet's token costs, and what can be traded against. */
function PoolTile({ pool, symbol }: { pool: PoolView; symbol: string }) {
  return (
    <div>
      <dt>Price of {pool.token}</dt>
      <dd title={pool.price.text}>
        {tokensText(pool.price.rao, 6)} {symbol}
      </dd>
      <dd className="quiet" title={`moving price ${pool.movingPrice.text}`}>
        pool {tokensText(pool.reserve.rao, 0)} {symbol}, {tokensText(pool.tokenReserve.rao, 0)} {pool.token}
      </dd>
    </div>
  );
}
