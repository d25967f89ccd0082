/**
 * How the sample judges. The start day is one from which neighbouring models differ by three percent and more in CRPS
 * for the first 200 days, also when the first answer comes up to 50 days later; the simulation test shows it.
 */
export const START_DAY = '2016-11-04';
export const DAYS_PER_BLOCK = 1;
export const TEMPO_BLOCKS = 20;
export const CHALLENGES_PER_EPOCH = 20;
/** Below 200 days the average is the plain mean over all of them. */
export const EMA_PPM = 5000;
export const SIMILARITY_PPM = 999_000;
/** The honest models, best first. */
export const HONEST_RANKING: readonly string[] = ['garch', 'ewma', 'ridge', 'gaussian'];
