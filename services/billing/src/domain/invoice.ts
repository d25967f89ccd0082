const MS_PER_DAY = 86_400_000;
const DAYS_PER_ERA = 146_097;

/** `inv-000001`; grows beyond six digits when it has to. */
export function invoiceId(number: bigint): string {
  return `inv-${number.toString().padStart(6, '0')}`;
}

/** The UTC day `YYYY-MM-DD` of unix milliseconds, by the civil calendar (years 1970 to 9999). */
export function utcDay(timeMs: number): string {
  const days = Math.floor(timeMs / MS_PER_DAY);
  if (!Number.isSafeInteger(timeMs) || days < 0 || days > 2_932_896) {
    throw new RangeError(`${timeMs} is no time between 1970 and 9999`);
  }
  // Counted from 0000-03-01, so that the leap day is the last of its year; an era has 400 years.
  const shifted = days + 719_468;
  const era = Math.floor(shifted / DAYS_PER_ERA);
  const dayOfEra = shifted - era * DAYS_PER_ERA;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
}

function pad(value: number, digits: number): string {
  return value.toString().padStart(digits, '0');
}
