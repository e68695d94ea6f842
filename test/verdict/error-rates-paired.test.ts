import { holdsErrorRates } from './error-rates.ts';

holdsErrorRates('paired', 0.02);
