import { useEffect, useState } from 'react';
import type { ProposalsView } from '../domain/proposals-view.ts';
import type { OutlookView, StakeAnswer } from '../domain/outlook.ts';
import type { ErrorView, ExplanationView, MetagraphView, NetworkView } from '../domain/views.ts';

/** What a question to the API has come to. Old data stay while new ones are on the way. */
export interface Answer<Value> {
  readonly value: Value | undefined;
  readonly error: string | undefined;
}

/** Whether the numbers on the page are of now. */
export type LiveState = 'connecting' | 'live' | 'lost' | 'paused';

/** The network, once a block, by server-sent events; `paused` closes the stream and keeps what was there. */
export function useNetwork(paused: boolean): {
  network: NetworkView | undefined;
  state: LiveState;
  problem: string | undefined;
} {
  const [network, setNetwork] = useState<NetworkView>();
  const [state, setState] = useState<LiveState>('connecting');
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    if (paused) {
      setState('paused');
      return undefined;
    }
    setState('connecting');
    const source = new EventSource('/api/live');
    source.addEventListener('network', (event: MessageEvent<string>) => {
      setNetwork(JSON.parse(event.data) as NetworkView);
      setState('live');
      setProblem(undefined);
    });
    source.addEventListener('trouble', (event: MessageEvent<string>) => {
      setProblem((JSON.parse(event.data) as ErrorView).error.message);
      setState('lost');
    });
    source.addEventListener('error', () => setState('lost')); // the browser connects again by itself
    return () => source.close();
  }, [paused]);
  return { network, state, problem };
}

/** The metagraph, read again whenever `version` changes (a new epoch, a new neuron). */
export function useMetagraph(netuid: number, version: string): Answer<MetagraphView> {
  return useJson<MetagraphView>(`/api/subnets/${netuid}/metagraph`, version);
}

/** What the network votes on, read again with every block. */
export function useProposals(version: string): Answer<ProposalsView> {
  return useJson<ProposalsView>('/api/proposals', version);
}

/** Why a neuron earns what it earns in the newest epoch. */
export function useExplanation(netuid: number, uid: number, version: string): Answer<ExplanationView> {
  return useJson<ExplanationView>(`/api/subnets/${netuid}/neurons/${uid}`, version);
}

/** What projections of a subnet go by; read again with each epoch. */
export function useOutlook(netuid: number, version: string): Answer<OutlookView> {
  return useJson<OutlookView>(`/api/subnets/${netuid}/outlook`, version);
}

/** Who types has written the next digit by then. */
const TYPED_MS = 300;

/** What the ledger says that a delegation earns; asked for when nobody has typed for a moment. Not asked where there is no question. */
export function useProjectedStake(
  netuid: number,
  question: { readonly hotkey: string; readonly rao: bigint; readonly blocks: number } | undefined,
  version: string,
): Answer<StakeAnswer> {
  const path =
    question === undefined
      ? ''
      : `/api/subnets/${netuid}/projected-stake?hotkey=${question.hotkey}&rao=${question.rao}&blocks=${question.blocks}`;
  return useJson<StakeAnswer>(path, version, TYPED_MS);
}

/** Reads once it has been asked for so long; nothing from an empty path. */
function useJson<Value>(path: string, version: string, waitMs = 0): Answer<Value> {
  const [answer, setAnswer] = useState<Answer<Value> & { path: string }>({ value: undefined, error: undefined, path });
  useEffect(() => {
    if (path === '') return undefined;
    const abort = new AbortController();
    const read = (): void =>
      void readJson<Value>(path, abort.signal).then(
        (next) =>
          setAnswer((old) => ({
            value: next.value ?? (old.path === path ? old.value : undefined),
            error: next.error,
            path,
          })),
        () => undefined, // aborted: the component has moved on
      );
    const timer = setTimeout(read, waitMs);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [path, version, waitMs]);
  return answer.path === path ? answer : { value: undefined, error: undefined };
}

async function readJson<Value>(path: string, signal: AbortSignal): Promise<Answer<Value>> {
  try {
    const response = await fetch(path, { signal });
    if (response.ok) return { value: (await response.json()) as Value, error: undefined };
    return { value: undefined, error: ((await response.json()) as ErrorView).error.message };
  } catch (cause) {
    if (signal.aborted) throw cause;
    return { value: undefined, error: 'the console does not answer; it tries again with the next block' };
  }
}
