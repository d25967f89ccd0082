import { expect, test } from 'vitest';
import { checkInferAnswer, checkInferRequest } from './kserve.ts';
import { Market } from './market.ts';
import { refusalBody, refuse } from './refusal.ts';

const tensor = { name: 'closes', datatype: 'FP64', shape: [2, 2], data: [1, 2.5, 3, 4] };

test.for([
  [{ inputs: [tensor] }],
  [
    {
      id: 'x',
      inputs: [
        {
          ...tensor,
          data: [
            [1, 2],
            [3, 4],
          ],
        },
      ],
    },
  ],
  [{ inputs: [{ name: 'text', datatype: 'BYTES', shape: [1], data: ['a'] }] }],
  [{ inputs: [{ name: 'flag', datatype: 'BOOL', shape: [2], data: [true, 0] }] }],
] as const)('takes a request that follows the protocol', ([body]) => {
  expect(checkInferRequest(body)).toEqual({ ok: true });
});

test.for([
  [null, 'body'],
  [[], 'body'],
  [{}, 'inputs'],
  [{ inputs: [] }, 'inputs'],
  [{ id: 5, inputs: [tensor] }, 'id'],
  [{ inputs: [tensor], outputs: 'all' }, 'outputs'],
  [{ inputs: [7] }, 'inputs[0]'],
  [{ inputs: [tensor, { ...tensor, name: '' }] }, 'inputs[1].name'],
  [{ inputs: [{ ...tensor, datatype: 'FLOAT' }] }, 'inputs[0].datatype'],
  [{ inputs: [{ ...tensor, shape: [-1] }] }, 'inputs[0].shape'],
  [{ inputs: [{ ...tensor, shape: [5] }] }, 'inputs[0].data'],
  [{ inputs: [{ ...tensor, data: 'x' }] }, 'inputs[0].data'],
  [{ inputs: [{ ...tensor, data: [1, 2, '3', 4] }] }, 'inputs[0].data[2]'],
  [{ inputs: [{ ...tensor, datatype: 'INT32', data: [1, 2.5, 3, 4] }] }, 'inputs[0].data[1]'],
  [
    {
      inputs: [
        {
          ...tensor,
          data: [
            [1, 2],
            [3, null],
          ],
        },
      ],
    },
    'inputs[0].data[1][1]',
  ],
] as const)('names the field at fault: %j', ([body, param]) => {
  expect(checkInferRequest(body)).toMatchObject({ ok: false, param });
});

test('lists nested without end are refused', () => {
  let data: unknown = 1;
  for (let depth = 0; depth < 50; depth += 1) data = [data];
  expect(checkInferRequest({ inputs: [{ ...tensor, data }] })).toMatchObject({ ok: false });
});

test('an answer needs an output and finite values', () => {
  expect(checkInferAnswer({ outputs: [tensor] })).toEqual({ ok: true });
  expect(checkInferAnswer({ outputs: [] })).toMatchObject({ param: 'outputs' });
  expect(checkInferAnswer({ error: 'no' })).toMatchObject({ param: 'outputs' });
  const holed = { ...tensor, data: [1, null, 3, 4] };
  expect(checkInferAnswer({ outputs: [holed] })).toMatchObject({ param: 'outputs[0].data[1]' });
});

test('a refusal tells code, message, kind, field and page', () => {
  expect(JSON.parse(refusalBody(refuse('invalid_request', 'no', { param: 'inputs' })))).toEqual({
    error: {
      code: 'invalid_request',
      message: 'no',
      type: 'invalid_request',
      param: 'inputs',
      doc: '/errors#invalid_request',
    },
  });
});

test('a model is found by its public name, its version and its price', () => {
  const market = new Market();
  const subnet = { netuid: 1, handle: 'sp500', models: [{ name: 'forecast', versions: ['1'] }] };
  market.setSubnet({ ...subnet, firstByteMs: 1, totalMs: 2, refundsInvalid: true });
  const find = (model: string, version?: string) => market.find(model, version);
  expect(find('sp500.forecast')).toMatchObject({ code: 'not_for_sale' });
  const lines = new Map([['sp500.forecast', [{ unit: 'Request', per: 1, priceRao: 1n }]]]);
  market.setPrices(1, { policyVersion: 4n, lines });
  expect(find('sp500.forecast', '1')).toMatchObject({ ok: true, policyVersion: 4n });
  expect(find('sp500.forecast', '2')).toMatchObject({ code: 'model_not_found', param: 'version' });
  expect(find('sp500')).toMatchObject({ code: 'model_not_found', param: 'model' });
  expect(find('sp5.forecast')).toMatchObject({ code: 'model_not_found' });
});

test('a miner counts until its announcement ends; a uid that is used again inherits nothing', () => {
  const market = new Market();
  const miner = { id: 'aa', netuid: 1, uid: 3, hotkey: 'h', urls: [], spkiSha256: '', expiresAtBlock: 10n };
  market.setMiners(1, [miner]);
  market.setIncentives(1, new Map([['aa', 0.4]]));
  market.seeBlock(10n);
  expect(market.miners(1)).toEqual([miner]);
  expect(market.incentive(miner)).toBe(0.4);
  market.setMiner(1, 3, { ...miner, id: 'bb' });
  expect(market.miners(1).map((now) => market.incentive(now))).toEqual([0]);
  market.seeBlock(11n);
  expect(market.miners(1)).toEqual([]);
});
