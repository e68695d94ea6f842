// The parts of `pino` in use, as one lazily loaded chunk of the build.
export { destination, pino } from 'pino';
