/** Harnesses that give decoders what nobody would send, and functions options that nobody should. */
export { arbitraryValue } from './arbitrary-value.js';
export {
  type BytesDecoder,
  type Decoder,
  type FuzzReport,
  fuzzBytes,
  fuzzValues,
} from './fuzz-decoder.js';
export type { FuzzValue } from './mutate-value.js';
export { type FuzzOptions, fuzzOptions } from './options.js';
export { type OptionsTaker, tryWrongOptions } from './wrong-options.js';
