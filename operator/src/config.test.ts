import { expect, test } from 'vitest';
import { readConfig } from './config.ts';

const environment = {
  LEDGER_URL: 'ledger:9443',
  SCORING_URL: 'scoring:9443',
  MINER_IMAGE: 'miner',
  VALIDATOR_IMAGE: 'validator',
  KEY_JOB_IMAGE: 'key-job',
  CA_BUNDLE_FILE: '/etc/subnetes/ca/ca.crt',
};

test('neurons get an endpoint for traces only where one is set for them', () => {
  const traced = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.monitoring:4318' };
  expect(readConfig({ ...environment, ...traced }).pods.otlpEndpoint).toBeUndefined();
  const told = { NEURON_OTLP_ENDPOINT: 'https://collector.example' };
  expect(readConfig({ ...environment, ...told }).pods.otlpEndpoint).toBe('https://collector.example');
});

test.for(['grpc://collector:4317', 'collector:4318', 'http://user:secret@collector:4318'])(
  'an endpoint such as %s is refused by the variable’s name',
  (endpoint) => {
    expect(() => readConfig({ ...environment, NEURON_OTLP_ENDPOINT: endpoint })).toThrow('NEURON_OTLP_ENDPOINT');
  },
);
