/**
 * A value that crosses the network as MessagePack: null, booleans, numbers, well-formed strings,
 * bytes, arrays and plain objects, nested at most 32 deep. `undefined` arrives as null. Bytes that
 * arrive are views of what came from the network: copy what is kept for long.
 */
export type WireValue = unknown;
