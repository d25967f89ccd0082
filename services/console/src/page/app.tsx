import { useEffect, useState } from 'react';
import { Header } from './header.tsx';
import { useNetwork } from './market-api.ts';
import { NeuronPage } from './neuron-page.tsx';
import { ProposalsPage } from './proposals-page.tsx';
import { routeOf, type Route } from './route.ts';
import { SubnetPage } from './subnet-page.tsx';
import { SubnetsPage } from './subnets-page.tsx';

/** The whole page: a header with the network's state, and one of four views. */
export function App() {
  const route = useRoute();
  const [paused, setPaused] = useState(false);
  const { network, state, problem } = useNetwork(paused);
  return (
    <>
      <a className="skip" href="#content">
        Skip to the content
      </a>
      <Header network={network} state={state} paused={paused} onPause={() => setPaused(!paused)} />
      <main id="content" tabIndex={-1}>
        {problem !== undefined && (
          <p className="notice" role="alert">
            {problem}. The numbers below are of the block in the header.
          </p>
        )}
        {network === undefined ? (
          <p className="quiet">
            {state === 'lost' ? 'The console does not answer yet; trying again…' : 'Reading the ledger…'}
          </p>
        ) : (
          <View route={route} network={network} />
        )}
      </main>
      <footer className="quiet">
        Read-only. Money is exact in rao (a token is 1 000 000 000 rao); shares are the consensus&apos; u16 values of 65
        535.
      </footer>
    </>
  );
}

function View({ route, network }: { route: Route; network: NonNullable<ReturnType<typeof useNetwork>['network']> }) {
  switch (route.page) {
    case 'subnets':
      return <SubnetsPage network={network} />;
    case 'proposals':
      return <ProposalsPage network={network} />;
    case 'subnet':
      return <SubnetPage network={network} netuid={route.netuid} />;
    case 'neuron':
      return <NeuronPage network={network} netuid={route.netuid} uid={route.uid} />;
  }
}

function useRoute(): Route {
  const [route, setRoute] = useState(() => routeOf(window.location.hash));
  useEffect(() => {
    const onChange = () => {
      // The skip link's own hash is no view.
      if (window.location.hash !== '#content') setRoute(routeOf(window.location.hash));
    };
    window.addEventListener('hashchange', onChange);
    return () => window.removeEventListener('hashchange', onChange);
  }, []);
  return route;
}
