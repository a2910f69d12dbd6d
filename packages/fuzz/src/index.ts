/** A harness that gives decoders what nobody would send. */
export {
  type BytesDecoder,
  type Decoder,
  type FuzzReport,
  fuzzBytes,
  fuzzValues,
} from './fuzz-decoder.js';
export { type FuzzOptions, fuzzOptions } from './options.js';
