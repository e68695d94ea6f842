import { holdsErrorRates } from './error-rates.ts';

holdsErrorRates('unpaired', null);
