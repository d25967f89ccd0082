import { networkIdOf } from '@subnetes/keys/canonical-hash';
import { mandateText, signMandate } from '@subnetes/keys/mandate';
import type { MandateOperation } from '@subnetes/keys/mandate';
import { raoFromTokenText } from '@subnetes/money/amount';
import type { SignedEnvelope } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { stringify } from 'yaml';
import { BLOCK_TIME_MS, MANDATE_LAST_BLOCK, MARKET_NAMESPACE, WALLETS } from './market.ts';
import type { WalletName } from './market.ts';
import type { SampleWallets } from './wallets.ts';

/** The sample network's genesis, as the chart's value `network.genesis`. */
export function sampleGenesis(wallets: SampleWallets) {
  return {
    token: { symbol: 'TAO', decimals: 9, cap: '21000000' },
    blockTimeMs: BLOCK_TIME_MS,
    blockReward: '1',
    emissionPolicy: { name: 'Equal', version: 1 },
    accounts: (Object.keys(WALLETS) as WalletName[]).map((name) => ({
      address: wallets[name].address,
      amount: WALLETS[name].amount,
    })),
  };
}

/** ConfigMaps with the sample's mandates for one cluster, as YAML documents to apply. */
export function mandateManifests(wallets: SampleWallets, cluster: string): string {
  const networkId = Buffer.from(networkIdOf(sampleGenesis(wallets))).toString('hex');
  const granted = (Object.keys(WALLETS) as WalletName[]).filter((name) => WALLETS[name].operations.length > 0);
  const documents = granted.map((name) => {
    const envelope = sampleMandate(name, { wallets, networkId, cluster });
    return {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: MARKET_NAMESPACE, labels: { 'app.kubernetes.io/part-of': 'subnetes' } },
      data: { mandate: mandateText(envelope) },
    };
  });
  const namespace = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: MARKET_NAMESPACE, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
  };
  return [namespace, ...documents].map((document) => `---\n${stringify(document)}`).join('');
}

/** What a wallet of the sample lets the market's namespace of one cluster do. */
export function sampleMandate(
  name: WalletName,
  known: { readonly wallets: SampleWallets; readonly networkId: string; readonly cluster: string },
): SignedEnvelope {
  const { operations, maxPerOperation, maxTotal } = WALLETS[name];
  const pair = known.wallets[name];
  return signMandate(
    {
      networkId: known.networkId,
      payer: pair.address,
      owner: pair.address,
      grantee: { cluster: known.cluster, namespace: MARKET_NAMESPACE },
      operations: operations as readonly MandateOperation[],
      netuids: [],
      maxPerOperation: rao(maxPerOperation),
      maxTotal: rao(maxTotal),
      notAfterBlock: String(MANDATE_LAST_BLOCK),
      nonce: `sample-${name}`,
    },
    pair,
  );
}

function rao(tokens: string): string {
  const parsed = raoFromTokenText(tokens);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.value.toString();
}
