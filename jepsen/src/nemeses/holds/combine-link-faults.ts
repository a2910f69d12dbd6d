import type { LinkFault } from '../../cluster/network/network.js';

/** What a link suffers under all of these at once. */
export function combineLinkFaults(faults: readonly LinkFault[]): LinkFault {
  const given = (name: 'delayMs' | 'jitterMs' | 'bytesPerSecond' | 'sliceBytes' | 'lossShare') =>
    faults.map((fault) => fault[name]).filter((value) => value !== undefined);
  const [delays, jitters] = [given('delayMs'), given('jitterMs')];
  const [rates, slices, losses] = [
    given('bytesPerSecond'),
    given('sliceBytes'),
    given('lossShare'),
  ];
  return {
    ...(faults.some(({ cut }) => cut === true) && { cut: true }),
    ...(delays.length > 0 && { delayMs: sum(delays) }),
    ...(jitters.length > 0 && { jitterMs: sum(jitters) }),
    ...(rates.length > 0 && { bytesPerSecond: Math.min(...rates) }),
    ...(slices.length > 0 && { sliceBytes: Math.min(...slices) }),
    ...(losses.length > 0 && {
      lossShare: 1 - losses.reduce((through, loss) => through * (1 - loss), 1),
    }),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
