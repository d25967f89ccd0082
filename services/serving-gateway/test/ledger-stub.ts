import type { MessageInitShape } from '@bufbuild/protobuf';
import { Ledger, type ItemResult } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import type { NeuronSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import type { RpcHandlers } from '@subnetes/proto/grpc-handlers';
import { RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import { aborted } from '@subnetes/runtime/clock';
import { rpcService, serveGrpc } from '@subnetes/runtime/grpc-server';
import type { TlsFiles } from '@subnetes/runtime/tls';
import { createLogger } from '@subnetes/telemetry/logger';
import { createMetrics } from '@subnetes/telemetry/metrics';

export const NETWORK_ID = new Uint8Array(32).fill(7);
export const PRICE_RAO = 2000n;
export const MODEL = 'sp500.forecast';

type NeuronInit = MessageInitShape<typeof NeuronSchema>;

/** The ledger's calls that gateway and billing make, in memory: holds as its book has them, one subnet, its neurons. */
export class LedgerStub {
  readonly posted = new Map<string, bigint>();
  readonly neurons: NeuronInit[] = [];
  /** Called when holds are made, before their answer goes out. */
  beforeAnswer: () => Promise<void> = async () => {};
  readonly #holds = new Map<string, { readonly account: string; remaining: bigint }>();
  readonly #claims = new Map<string, { readonly content: string; readonly sequence: bigint }>();
  #sequence = 0n;

  get total(): bigint {
    return [...this.posted.values()].reduce((sum, rao) => sum + rao, 0n);
  }

  held(account: string): bigint {
    const own = [...this.#holds.values()].filter((hold) => hold.account === account);
    return own.reduce((sum, hold) => sum + hold.remaining, 0n);
  }

  serve(port: number, tls?: TlsFiles): ReturnType<typeof serveGrpc> {
    return serveGrpc({
      ...(tls === undefined ? {} : { tls }),
      port,
      host: '127.0.0.1',
      services: [rpcService(Ledger, this.#handlers())],
      metrics: createMetrics({ service: 'ledger-stub', version: '0', processMetrics: false }),
      log: createLogger({ service: 'ledger-stub', level: 'silent' }),
      drainMs: 200,
    });
  }

  #handlers(): RpcHandlers<typeof Ledger> {
    const { neurons } = this;
    const none = async (): Promise<never> => {
      throw new RpcError({ code: RpcCode.UNIMPLEMENTED, message: 'not part of this test' });
    };
    const rest = Object.fromEntries(Object.keys(Ledger.method).map((name) => [name, none]));
    return {
      ...(rest as unknown as RpcHandlers<typeof Ledger>),
      getNetwork: async () => ({ networkId: NETWORK_ID, symbol: 'TAO', blockTimeMs: 1000, block: 100n }),
      listSubnets: async () => ({ subnets: [subnet()] }),
      listNeurons: async () => ({ neurons: this.neurons }),
      getBalances: async ({ accounts }) => ({
        balances: accounts.map((account) => ({
          account,
          posted: money(this.posted.get(account) ?? 0n),
          held: money(this.held(account)),
        })),
      }),
      async *watchSubnet(_request, call) {
        yield { block: 100n, networkId: NETWORK_ID, subnet: subnet(), neurons, snapshot: true };
        await aborted(call.signal);
      },
      ...this.#holdHandlers(),
    };
  }

  #holdHandlers(): Pick<RpcHandlers<typeof Ledger>, 'createHolds' | 'postHolds' | 'voidHolds'> {
    return {
      createHolds: async ({ holds }) => {
        const results = holds.map(({ id, account, amount }) =>
          this.#once(`hold:${id}`, `${account} ${amount?.amount}`, () => {
            const rao = BigInt(amount?.amount ?? '0');
            if ((this.posted.get(account) ?? 0n) - this.held(account) < rao) return 'INSUFFICIENT_FUNDS';
            this.#holds.set(id, { account, remaining: rao });
            return undefined;
          }),
        );
        await this.beforeAnswer();
        return { results };
      },
      postHolds: async ({ posts }) => ({
        results: posts.map(({ id, holdId, parts }) =>
          this.#once(`post:${id}`, JSON.stringify(parts), () => {
            const hold = this.#holds.get(holdId);
            const total = parts.reduce((sum, part) => sum + BigInt(part.amountRao), 0n);
            if (hold === undefined) return 'HOLD_CLOSED';
            if (hold.remaining < total) return 'HOLD_EXCEEDED';
            hold.remaining -= total;
            this.#move(hold.account, -total);
            for (const part of parts) this.#move(part.to, BigInt(part.amountRao));
            return undefined;
          }),
        ),
      }),
      voidHolds: async ({ holdIds }) => ({
        results: holdIds.map((id) => {
          this.#holds.delete(id);
          return { id, ok: true };
        }),
      }),
    };
  }

  #move(account: string, rao: bigint): void {
    this.posted.set(account, (this.posted.get(account) ?? 0n) + rao);
  }

  #once(id: string, content: string, run: () => string | undefined): Partial<Omit<ItemResult, '$typeName'>> {
    const earlier = this.#claims.get(id);
    if (earlier !== undefined) {
      return earlier.content === content
        ? { id, ok: true, sequence: earlier.sequence, repeatedCall: true }
        : { id, ok: false, reason: 'EXISTS_WITH_DIFFERENT_CONTENT' };
    }
    const reason = run();
    if (reason !== undefined) return { id, ok: false, reason, message: reason };
    this.#sequence += 1n;
    this.#claims.set(id, { content, sequence: this.#sequence });
    return { id, ok: true, sequence: this.#sequence };
  }
}

function money(rao: bigint) {
  return { asset: 'TAO', amount: rao.toString() };
}

function subnet() {
  return {
    netuid: 1,
    handle: 'sp500',
    ownerColdkey: 'owner-coldkey',
    active: {
      version: 1n,
      policy: {
        serving: {
          models: [{ name: 'forecast', mechanismId: 0, versions: [{ version: '1' }] }],
          // A sound miner of a test is one thread with the test, on a machine that may be busy.
          firstByteTimeoutMs: 2000,
          totalTimeoutMs: 10_000,
        },
        pricing: [{ name: 'forecast', model: 'forecast', unit: 'Request', per: 1, priceRao: PRICE_RAO.toString() }],
        terms: [{ name: 'invalid-answer', metric: 'AnswerValid', verifier: 'Gateway', remedy: 'Refund' }],
      },
    },
  };
}
