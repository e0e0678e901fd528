/** Numbers and spans of time as the page writes them. */

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

export const count = (value: number): string => whole.format(Math.round(value));

/** A share from 0 to 1 as `97.2 %`. */
export const share = (value: number): string => `${(100 * value).toFixed(1)} %`;

/** A percentage as `1.98 %`; where there is none, no figure. */
export const percent = (value: number | undefined): string => (value === undefined ? '–' : `${value.toFixed(2)} %`);

/** Bytes as `9.9 MB`. */
export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** What a span still to come is called: exact enough to wait for, no more. */
export function timeLeft(milliseconds: number): string {
  if (!Number.isFinite(milliseconds) || milliseconds < 0) return '';
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s left`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return `${minutes} min ${seconds % 60} s left`;
  if (minutes < 100) return `${minutes} min left`;
  const hours = minutes / 60;
  return hours < 48 ? `${hours.toFixed(1)} h left` : `${Math.round(hours / 24)} days left`;
}
