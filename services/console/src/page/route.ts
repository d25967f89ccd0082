/** Where in the page we are; it lives in the address' hash, so that every view can be linked. */
export type Route =
  | { readonly page: 'subnets' }
  | { readonly page: 'proposals' }
  | { readonly page: 'subnet'; readonly netuid: number }
  | { readonly page: 'neuron'; readonly netuid: number; readonly uid: number };

/** Reads `#/subnets/1/neurons/3`; whatever it does not know is the list of subnets. */
export function routeOf(hash: string): Route {
  if (hash === '#/proposals') return { page: 'proposals' };
  const match = /^#\/subnets\/(\d{1,5})(?:\/neurons\/(\d{1,3}))?$/.exec(hash);
  if (match === null) return { page: 'subnets' };
  const netuid = Number(match[1]);
  return match[2] === undefined ? { page: 'subnet', netuid } : { page: 'neuron', netuid, uid: Number(match[2]) };
}

/** The link to a route. */
export function hashOf(route: Route): string {
  switch (route.page) {
    case 'subnets':
      return '#/';
    case 'proposals':
      return '#/proposals';
    case 'subnet':
      return `#/subnets/${route.netuid}`;
    case 'neuron':
      return `#/subnets/${route.netuid}/neurons/${route.uid}`;
  }
}
