import { NONE, type OperationColumns, type ReportData } from './report-data.js';

/** Operations as a page works with them: columns of numbers, in the order of their calls. */
export interface Operations {
  readonly count: number;
  readonly call: Float64Array;
  readonly fromUs: Float64Array;
  /** The end of the test for what never returned. */
  readonly toUs: Float64Array;
  readonly returned: Uint8Array;
  readonly process: Int32Array;
  readonly outcome: Uint8Array;
  /** Places of those that returned, in the order of their returns. */
  readonly byReturn: Int32Array;
}

export function operationsOf(data: ReportData): Operations {
  const { call, invokedUs, tookUs, process, outcome } = data.operations;
  const count = invokedUs.length;
  const fromUs = sums(invokedUs);
  const toUs = fromUs.map((from, at) => {
    const took = tookUs[at] ?? NONE;
    return took === NONE ? Math.max(from, data.lengthUs) : from + took;
  });
  const returned = Uint8Array.from(tookUs, (took) => (took === NONE ? 0 : 1));
  return {
    count,
    call: sums(call),
    fromUs,
    toUs,
    returned,
    process: Int32Array.from(process),
    outcome: Uint8Array.from(outcome),
    byReturn: byReturn(toUs, returned),
  };
}

/** Undoes what made `call` and `invokedUs` small. */
function sums(differences: OperationColumns['call']): Float64Array {
  let sum = 0;
  return Float64Array.from(differences, (difference) => {
    sum += difference;
    return sum;
  });
}

function byReturn(toUs: Float64Array, returned: Uint8Array): Int32Array {
  const places = Int32Array.from(toUs.keys()).filter((at) => returned[at] === 1);
  return places.sort((a, b) => (toUs[a] ?? 0) - (toUs[b] ?? 0));
}

/** The first place from 0 to `count` at which `reaches` holds, if it holds from there on. */
export function firstPlace(count: number, reaches: (at: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (reaches(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
