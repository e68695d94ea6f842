// The parts of the `yaml` package in use, as one lazily loaded chunk of the build.
export { LineCounter, isNode, parseDocument } from 'yaml';
