import { createHash, randomBytes, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { signWithSession } from '@subnetes/keys/envelope';
import { HANDSHAKE_PATH, newEphemeralKey, requestMac, sessionSecret } from '@subnetes/keys/request-session';
import { certifySessionKey, newSessionKey, verifyEd25519 } from '@subnetes/keys/session-key';
import { signedBytes } from '@subnetes/keys/signed-bytes';
import { pairOfSeed } from '@subnetes/keys/sr25519-pair';
import { createAuthority, issueCertificate } from '@subnetes/pki/certificates';
import { EnvelopeType, SignedEnvelopeSchema } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { MinerReceiptSchema } from '@subnetes/proto/gen/subnetes/gateway/v1/gateway_pb';
import {
  HandshakeAcceptSchema,
  HandshakeHelloSchema,
  HandshakeRequestSchema,
  HandshakeResponseSchema,
} from '@subnetes/proto/gen/subnetes/miner/v1/miner_pb';
import { MODEL, NETWORK_ID } from './ledger-stub.ts';

/** How a miner misbehaves; `none` answers as it should. */
export type Fault = 'none' | 'nan' | 'status' | 'reset' | 'slow' | 'forged' | 'no-receipt' | 'refuses' | 'truncated';

const BLOCK_FAR = 1_000_000n;
const VALID_MS = 3_600_000;
const ANSWER = {
  model_name: MODEL,
  outputs: [{ name: 'quantiles', datatype: 'FP64', shape: [1, 3], data: [-0.1, 0, 0.1] }],
};

/** A miner over https with handshake, MACs and receipts, whose fault can be changed while it runs. */
export class FakeMiner implements AsyncDisposable {
  fault: Fault = 'none';
  calls = 0;
  readonly #uid: number;
  readonly #hotkey;
  readonly #terms;
  readonly #session = newSessionKey();
  readonly #certificate;
  readonly #secrets = new Map<string, Uint8Array>();
  #server: Server | undefined;
  #spki = new Uint8Array();

  constructor(uid: number) {
    this.#uid = uid;
    this.#hotkey = pairOfSeed(new Uint8Array(32).fill(uid + 1));
    const registrationId = createHash('sha256').update(`registration ${uid}`).digest();
    this.#terms = { networkId: NETWORK_ID, registrationId, sequence: 1n, expiresAtBlock: BLOCK_FAR };
    this.#certificate = certifySessionKey(this.#hotkey, this.#session.publicKey, this.#terms);
  }

  get hotkey(): string {
    return this.#hotkey.address;
  }

  /** As the ledger lists it. */
  get neuron() {
    const { registrationId } = this.#terms;
    const address = this.#server?.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return {
      netuid: 1,
      uid: this.#uid,
      hotkey: this.hotkey,
      coldkey: `coldkey-${this.#uid}`,
      registrationId,
      endpoint: {
        registrationId,
        hotkey: this.hotkey,
        uid: this.#uid,
        urls: [`https://127.0.0.1:${port}`],
        spkiSha256: this.#spki,
        protocols: ['kserve-v2-rest'],
        expiresAtBlock: BLOCK_FAR,
      },
    };
  }

  async listen(): Promise<this> {
    const authority = await createAuthority('fake miner', Date.now(), VALID_MS);
    const names = { commonName: 'miner', ipAddresses: ['127.0.0.1'] };
    const leaf = await issueCertificate(authority, { validMs: VALID_MS, ...names, usages: ['server'] }, Date.now());
    const key = new X509Certificate(leaf.certificatePem).publicKey.export({ type: 'spki', format: 'der' });
    this.#spki = createHash('sha256').update(key).digest();
    this.#server = createServer({ cert: leaf.certificatePem, key: leaf.keyPem }, (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks);
        if (request.url === HANDSHAKE_PATH) response.end(this.#accept(body));
        else if (request.method === 'GET') response.end('{"ready":true}');
        else this.#infer(request, body, response);
      });
    });
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }

  #accept(body: Buffer): Uint8Array {
    const { hello } = fromBinary(HandshakeRequestSchema, body);
    if (hello?.sessionKey === undefined) throw new Error('no greeting');
    const signed = signedBytes({ ...hello, networkId: NETWORK_ID });
    const greeting = fromBinary(HandshakeHelloSchema, hello.payload);
    const isSigned = verifyEd25519(signed, hello.signature, hello.sessionKey.publicKey);
    if (!isSigned || greeting.minerHotkey !== this.hotkey) throw new Error('a bad greeting');
    const own = newEphemeralKey();
    const nonce = randomBytes(16);
    const secret = sessionSecret(own, greeting.ephemeralPublicKey, { caller: greeting.nonce, miner: nonce });
    const sessionId = randomBytes(8).toString('hex');
    this.#secrets.set(sessionId, secret ?? new Uint8Array());
    const accept = create(HandshakeAcceptSchema, {
      sessionId,
      ephemeralPublicKey: own.publicKey,
      nonce,
      helloSha256: createHash('sha256').update(hello.payload).digest(),
      ttlMs: 60_000,
    });
    const envelope = this.#sign(EnvelopeType.HANDSHAKE, toBinary(HandshakeAcceptSchema, accept));
    return toBinary(HandshakeResponseSchema, create(HandshakeResponseSchema, { accept: envelope }));
  }

  #infer(request: IncomingMessage, body: Buffer, response: ServerResponse): void {
    this.calls += 1;
    const header = (name: string): string => String(request.headers[`x-subnetes-${name}`] ?? '');
    const secret = this.#secrets.get(header('session'));
    const [requestId, timestampMs] = [header('request-id'), Number(header('timestamp-ms'))];
    const terms = { method: 'POST', path: request.url ?? '', body, timestampMs, requestId };
    if (secret === undefined || requestMac(secret, terms) !== header('mac')) {
      response.writeHead(401).end();
      return;
    }
    if (this.fault === 'slow') return;
    if (this.fault === 'reset') response.socket?.destroy();
    else if (this.fault === 'status') response.writeHead(500).end('{}');
    else if (this.fault === 'refuses') response.writeHead(400).end('{"error":"closes: too short"}');
    else this.#answer(body, requestId, response);
  }

  #answer(body: Buffer, requestId: string, response: ServerResponse): void {
    const sound = JSON.stringify(ANSWER);
    const answer = this.fault === 'nan' ? sound.replace('0.1]', 'null]') : sound;
    const receipt = create(MinerReceiptSchema, {
      requestId: this.fault === 'forged' ? 'another/1' : requestId,
      requestSha256: createHash('sha256').update(body).digest(),
      responseSha256: createHash('sha256').update(answer).digest(),
      model: MODEL,
      status: 200,
      block: 100n,
    });
    const envelope = this.#sign(EnvelopeType.RECEIPT, toBinary(MinerReceiptSchema, receipt));
    const encoded = Buffer.from(toBinary(SignedEnvelopeSchema, envelope)).toString('base64');
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(answer),
      ...(this.fault === 'no-receipt' ? {} : { 'x-subnetes-miner-receipt': encoded }),
    });
    if (this.fault === 'truncated') response.write(answer.slice(0, 10), () => response.socket?.destroy());
    else response.end(answer);
  }

  #sign(type: EnvelopeType, payload: Uint8Array) {
    const sequence = BigInt(this.calls + 1);
    return signWithSession({ ...this.#terms, type, payload, sequence }, this.#session, this.#certificate);
  }
}
