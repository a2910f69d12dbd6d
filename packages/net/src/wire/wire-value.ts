/**
 * A value that crosses the network as MessagePack: null, booleans, numbers, well-formed strings,
 * bytes, arrays and plain objects, nested at most MAX_WIRE_DEPTH deep. `undefined` arrives as
 * null and -0 as 0. Bytes that arrive are views of what came from the network: copy what is kept
 * for long.
 */
export type WireValue =
  | null
  | undefined
  | boolean
  | number
  | string
  | Uint8Array
  | readonly WireValue[]
  | { readonly [key: string]: WireValue };
