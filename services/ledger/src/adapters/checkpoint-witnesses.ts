import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { parseSignatureLines } from '@subnetes/transparency/signed-note';
import type { VerifierKey } from '@subnetes/transparency/verifier-key';
import { formatAddCheckpoint } from '@subnetes/transparency/witness-request';
import { type CheckpointWitness, WitnessAway, type WitnessReply } from '#application/cosign-checkpoint.ts';

/** Where a witness is, and the key that it signs with. */
export interface WitnessAddress {
  /** http or https; `/add-checkpoint` is put behind it. */
  readonly url: URL;
  readonly key: VerifierKey;
}

const ANSWER_MS = 5000;
/** By C2SP tlog-witness: the proof does not lead from what it signed last to this checkpoint. */
const CONTRADICTS = 422;
const ANSWER_BYTES_MAX = 16_384;

/** A witness over HTTP. What it answers is judged by its signature, so plain HTTP is as good as any. */
export function checkpointWitness({ url, key }: WitnessAddress): CheckpointWitness {
  const target = new URL('add-checkpoint', url.href.endsWith('/') ? url : new URL(`${url.href}/`));
  return {
    key,
    async add(request) {
      const { status, text } = await post(target, formatAddCheckpoint(request));
      return replyOf(status, text);
    },
  };
}

function replyOf(status: number, text: string): WitnessReply {
  if (status === 200) {
    const signatures = parseSignatureLines(text);
    return signatures.ok
      ? { kind: 'signed', signatures: signatures.value }
      : { kind: 'refused', message: `its answer cannot be read: ${signatures.message}` };
  }
  if (status === 409 && /^(0|[1-9][0-9]{0,15})\n?$/.test(text)) return { kind: 'stands', size: Number(text) };
  if (status >= 500) throw new WitnessAway(`it answers ${status}`);
  const message = `it answers ${status}: ${text.slice(0, 200).trim()}`;
  return { kind: status === CONTRADICTS ? 'contradicts' : 'refused', message };
}

async function post(url: URL, body: Uint8Array): Promise<{ readonly status: number; readonly text: string }> {
  const send = url.protocol === 'https:' ? tlsRequest : plainRequest;
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const sent = send(url, {
    method: 'POST',
    signal: AbortSignal.timeout(ANSWER_MS),
    headers: { 'content-type': 'text/plain; charset=utf-8', 'content-length': body.length },
  });
  sent.once('response', resolve);
  sent.once('error', reject);
  sent.end(body);
  try {
    const response = await promise;
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > ANSWER_BYTES_MAX) throw new WitnessAway(`it answers more than ${ANSWER_BYTES_MAX} bytes`);
      chunks.push(chunk);
    }
    return { status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') };
  } catch (error) {
    if (error instanceof WitnessAway) throw error;
    throw new WitnessAway(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
