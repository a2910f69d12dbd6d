/**
 * How msgpackr is set up wherever it is used: plain MessagePack, which any implementation reads.
 * What is about one use is added there.
 */
export const messagePackOptions = {
  // Maps only: no definitions of records from the wire.
  useRecords: false,
  mapsAsObjects: true,
  variableMapSize: true,
  encodeUndefinedAsNil: true,
  // A plain Uint8Array goes out as bytes, like a Buffer, not as an extension type.
  moreTypes: false,
  // Those beyond 53 bits are refused before.
  int64AsType: 'number',
} as const;
