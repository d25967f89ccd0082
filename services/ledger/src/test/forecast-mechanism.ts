import type { Mechanism } from '#domain/economy/policy.ts';

/** A subnet has to have a mechanism; nobody forecasts in tests and benches of the ledger alone. */
export const FORECAST: Mechanism = {
  id: 0,
  name: 'forecast',
  emissionWeight: 1,
  quantileForecast: { horizonsDays: [1], quantiles: 19 },
  evaluation: {
    scorer: 'Crps',
    replay: { dataset: 'sp500-daily', startDay: '2010-01-04', daysPerBlock: 1 },
    perEpoch: 20,
    timeoutMs: 2000,
    emaPpm: 100_000,
    copiesSimilarityPpm: 999_000,
    rubric: 'Lower is better.',
  },
};
