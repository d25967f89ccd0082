import type { NetworkView, SubnetView } from '../domain/views.ts';
import { countText, tokensText } from './number-text.ts';
import { hashOf } from './route.ts';

/** All subnets of the network. */
export function SubnetsPage({ network }: { network: NetworkView }) {
  return (
    <section aria-labelledby="subnets-title">
      <h1 id="subnets-title">Subnets</h1>
      {network.subnets.length === 0 ? (
        <p className="quiet">
          The ledger knows no subnet yet. Apply one: <code>kubectl apply -f k8s/samples/finance</code>
        </p>
      ) : (
        <div className="scroll" tabIndex={0} role="region" aria-labelledby="subnets-title">
          <table>
            <caption>
              {network.subnets.length} at block {countText(network.block)}, amounts in {network.symbol}
            </caption>
            <thead>
              <tr>
                <th scope="col" className="number">
                  Netuid
                </th>
                <th scope="col">Handle</th>
                <th scope="col">Emission</th>
                <th scope="col" className="number">
                  Neurons
                </th>
                <th scope="col" className="number">
                  Epoch paid
                </th>
                <th scope="col" className="number">
                  Next epoch
                </th>
                <th scope="col" className="number">
                  Last epoch / {network.symbol}
                </th>
                <th scope="col" className="number">
                  Pot / {network.symbol}
                </th>
                <th scope="col" className="number">
                  Registration / {network.symbol}
                </th>
              </tr>
            </thead>
            <tbody>
              {network.subnets.map((subnet) => (
                <Row key={subnet.netuid} subnet={subnet} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Row({ subnet }: { subnet: SubnetView }) {
  return (
    <tr>
      <td className="number">{subnet.netuid}</td>
      <th scope="row">
        <a href={hashOf({ page: 'subnet', netuid: subnet.netuid })}>{subnet.handle}</a>
      </th>
      <td>
        <span className={`chip ${subnet.emission === 'Started' ? 'good' : 'idle'}`}>{subnet.emission}</span>
      </td>
      <td className="number">{subnet.neurons}</td>
      <td className="number">{subnet.paidEpoch}</td>
      <td className="number">in {subnet.nextEpochIn} blocks</td>
      <td className="number" title={subnet.emissionLastEpoch.text}>
        {tokensText(subnet.emissionLastEpoch.rao, 3)}
      </td>
      <td className="number" title={subnet.pot.text}>
        {tokensText(subnet.pot.rao, 3)}
      </td>
      <td className="number" title={subnet.registrationCost.text}>
        {tokensText(subnet.registrationCost.rao, 3)}
      </td>
    </tr>
  );
}
