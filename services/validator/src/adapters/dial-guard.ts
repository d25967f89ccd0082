import { lookup } from 'node:dns';
import { BlockList, isIP } from 'node:net';
import type { LookupFunction } from 'node:net';

/** Which of the addresses that miners announce may be dialled. */
export type DialRule = {
  /** DNS suffixes such as `.svc`: names of this cluster's Services, wherever they lead. */
  readonly suffixes: readonly string[];
  /** Networks such as `127.0.0.1/32` that would be refused otherwise. */
  readonly networks: readonly string[];
};

/** This host, this network, multicast, documentation, reserved: nobody's announcement may lead a validator there. */
const REFUSED_IPV4 =
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 ' +
  '192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4';
/** Global unicast, less the parts that embed IPv4 addresses or document. */
const GLOBAL_IPV6 = '2000::/3';
const REFUSED_IPV6 = '2001::/23 2001:db8::/32 2002::/16 3fff::/20';

export type DialGuard = {
  /** Why a host must not be dialled, as far as its text tells. */
  readonly refusalOf: (host: string) => string | undefined;
  /** Looks a name up and fails where one of its addresses is refused: the socket connects to what was checked. */
  readonly lookup: LookupFunction;
};

export function dialGuard(rule: DialRule): DialGuard {
  const allowed = listOf(rule.networks);
  const refused = listOf(`${REFUSED_IPV4} ${REFUSED_IPV6}`.split(' '));
  const global = listOf([GLOBAL_IPV6]);
  const permits = (ip: string): boolean => {
    const family = isIP(ip) === 6 ? 'ipv6' : 'ipv4';
    if (allowed.check(ip, family)) return true;
    return !refused.check(ip, family) && (family === 'ipv4' || global.check(ip, family));
  };
  const refusal = (host: string, ip: string) =>
    `${host} leads to ${ip}: private addresses need the installer's allow-list`;
  return {
    refusalOf: (host) => {
      const bare = host.replaceAll(/^\[|\]$/g, '');
      return isIP(bare) === 0 || permits(bare) ? undefined : refusal(host, bare);
    },
    lookup(host, options, callback) {
      lookup(host, { ...options, all: true }, (error, addresses) => {
        if (error !== null) return callback(error, '', 0);
        const isOwn = rule.suffixes.some((suffix) => host.endsWith(suffix));
        const bad = isOwn ? undefined : addresses.find(({ address }) => !permits(address));
        const [first] = addresses;
        if (bad !== undefined) return callback(new Error(refusal(host, bad.address)), '', 0);
        if (first === undefined) return callback(new Error(`${host} has no address`), '', 0);
        return options.all === true ? callback(null, addresses) : callback(null, first.address, first.family);
      });
    },
  };
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    list.addSubnet(address, Number(bits ?? (family === 'ipv6' ? 128 : 32)), family);
  }
  return list;
}
