import { createHash, randomBytes, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
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
const ANSWER = {
  model_name: MODEL,
  outputs: [{ name: 'quantiles', datatype: 'FP64', shape: [1, 3], data: [-0.1, 0, 0.1] }],
};

/** A miner over https with handshake, MACs and receipts, whose fault can be changed while it runs. */
export async function startFakeMiner(uid: number) {
  const hotkey = pairOfSeed(new Uint8Array(32).fill(uid + 1));
  const registrationId = createHash('sha256').update(`registration ${uid}`).digest();
  const session = newSessionKey();
  const terms = { networkId: NETWORK_ID, registrationId, sequence: 1n, expiresAtBlock: BLOCK_FAR };
  const certificate = certifySessionKey(hotkey, session.publicKey, terms);
  const sign = (type: EnvelopeType, payload: Uint8Array, sequence: bigint) =>
    signWithSession({ ...terms, type, payload, sequence }, session, certificate);

  const authority = await createAuthority('fake miner', Date.now(), 3_600_000);
  const leaf = await issueCertificate(
    authority,
    { validMs: 3_600_000, commonName: 'miner', ipAddresses: ['127.0.0.1'], usages: ['server'] },
    Date.now(),
  );
  const secrets = new Map<string, Uint8Array>();
  const miner = { fault: 'none' as Fault, answered: new Set<string>(), calls: 0 };

  const handshake = (body: Buffer): Uint8Array => {
    const { hello } = fromBinary(HandshakeRequestSchema, body);
    if (hello?.sessionKey === undefined) throw new Error('no greeting');
    const isSigned = verifyEd25519(
      signedBytes({ ...hello, networkId: NETWORK_ID }),
      hello.signature,
      hello.sessionKey.publicKey,
    );
    const greeting = fromBinary(HandshakeHelloSchema, hello.payload);
    if (!isSigned || greeting.minerHotkey !== hotkey.address) throw new Error('a bad greeting');
    const own = newEphemeralKey();
    const nonce = randomBytes(16);
    const secret = sessionSecret(own, greeting.ephemeralPublicKey, { caller: greeting.nonce, miner: nonce });
    const sessionId = randomBytes(8).toString('hex');
    secrets.set(sessionId, secret ?? new Uint8Array());
    const accept = create(HandshakeAcceptSchema, {
      sessionId,
      ephemeralPublicKey: own.publicKey,
      nonce,
      helloSha256: createHash('sha256').update(hello.payload).digest(),
      ttlMs: 60_000,
    });
    const envelope = sign(EnvelopeType.HANDSHAKE, toBinary(HandshakeAcceptSchema, accept), 1n);
    return toBinary(HandshakeResponseSchema, create(HandshakeResponseSchema, { accept: envelope }));
  };

  const infer = (request: IncomingMessage, body: Buffer, response: ServerResponse): void => {
    miner.calls += 1;
    const header = (name: string): string => String(request.headers[`x-subnetes-${name}`] ?? '');
    const secret = secrets.get(header('session'));
    const requestId = header('request-id');
    const mac = {
      method: 'POST',
      path: request.url ?? '',
      body,
      timestampMs: Number(header('timestamp-ms')),
      requestId,
    };
    if (secret === undefined || requestMac(secret, mac) !== header('mac')) {
      response.writeHead(401).end();
      return;
    }
    if (miner.fault === 'slow') return;
    if (miner.fault === 'reset') return void response.socket?.destroy();
    if (miner.fault === 'status') return void response.writeHead(500).end('{}');
    if (miner.fault === 'refuses') return void response.writeHead(400).end('{"error":"closes: too short"}');
    const answer = miner.fault === 'nan' ? JSON.stringify(ANSWER).replace('0.1]', 'null]') : JSON.stringify(ANSWER);
    const receipt = create(MinerReceiptSchema, {
      requestId: miner.fault === 'forged' ? 'another/1' : requestId,
      requestSha256: createHash('sha256').update(body).digest(),
      responseSha256: createHash('sha256').update(answer).digest(),
      model: MODEL,
      status: 200,
      block: 100n,
    });
    const envelope = sign(EnvelopeType.RECEIPT, toBinary(MinerReceiptSchema, receipt), BigInt(miner.calls));
    const encoded = Buffer.from(toBinary(SignedEnvelopeSchema, envelope)).toString('base64');
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(answer),
      ...(miner.fault === 'no-receipt' ? {} : { 'x-subnetes-miner-receipt': encoded }),
    });
    if (miner.fault === 'truncated') {
      response.write(answer.slice(0, 10), () => response.socket?.destroy());
      return;
    }
    miner.answered.add(requestId);
    response.end(answer);
  };

  const server = createServer({ cert: leaf.certificatePem, key: leaf.keyPem }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      if (request.url === HANDSHAKE_PATH) response.end(handshake(body));
      else if (request.method === 'GET') response.end('{"ready":true}');
      else infer(request, body, response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const spki = new X509Certificate(leaf.certificatePem).publicKey.export({ type: 'spki', format: 'der' });
  return Object.assign(miner, {
    uid,
    hotkey: hotkey.address,
    neuron: {
      netuid: 1,
      uid,
      hotkey: hotkey.address,
      coldkey: `coldkey-${uid}`,
      registrationId,
      endpoint: {
        registrationId,
        hotkey: hotkey.address,
        uid,
        urls: [`https://127.0.0.1:${port}`],
        spkiSha256: createHash('sha256').update(spki).digest(),
        protocols: ['kserve-v2-rest'],
        expiresAtBlock: BLOCK_FAR,
      },
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  });
}

export type FakeMiner = Awaited<ReturnType<typeof startFakeMiner>>;
