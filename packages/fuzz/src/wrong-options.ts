import fc from 'fast-check';

/** Something that takes an options object. */
export interface OptionsTaker<Options extends object> {
  readonly name: string;
  /** Right, with every field that there is. */
  readonly right: Required<Options>;
  /** Values of the right kind that are refused all the same; NaN is tried for every number. */
  readonly outOfRange?: { readonly [Name in keyof Options]?: readonly Options[Name][] };
  /** Where these options lie within others, such as `raft.`. */
  readonly path?: string;
  /** Takes them, and lets go of what it made of them. */
  readonly take: (options: Options) => unknown;
  readonly isRefusal: (error: unknown) => boolean;
}

type Taker = Pick<OptionsTaker<never>, 'name' | 'path' | 'take' | 'isRefusal'>;

const RUNS_PER_FIELD = 60;

const junk = fc.oneof(
  fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withSparseArray: true,
  }),
  fc.constantFrom<unknown>(
    -1,
    0,
    0.5,
    1e300,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    -0,
    '',
    '5',
    'one:1',
  ),
  fc.constantFrom<unknown>(
    null,
    undefined,
    Symbol('s'),
    () => 1,
    {},
    [],
    [undefined],
    new Map([[1, 2]]),
  ),
  fc.array(fc.anything(), { maxLength: 3 }),
);

/**
 * Gives a taker unknown names, values of wrong kinds and out of range, and junk for one field after the
 * other. Throws unless each is refused with the name of its field, or was right.
 */
export async function tryWrongOptions<Options extends object>(
  taker: OptionsTaker<Options>,
): Promise<void> {
  const { name, right, outOfRange = {}, path = '' } = taker;
  await expectTaken(taker, right);
  for (const wrong of [null, 5, 'text', [], () => 1]) {
    await expectRefused(taker, wrong, path.replace(/\.$/, '') || 'options');
  }
  for (const field of Object.keys(right)) {
    const typo = `${field}x`;
    const message = await expectRefused(taker, { ...right, [typo]: 1 }, `${path}${typo}`);
    if (!message.includes(`did you mean ${path}${field}?`)) throw new Error(`${name}: ${message}`);
    const values: readonly unknown[] = Reflect.get(outOfRange, field) ?? [];
    const isNumber = typeof Reflect.get(right, field) === 'number';
    for (const value of [Symbol('wrong'), ...(isNumber ? [Number.NaN, '5'] : []), ...values]) {
      await expectRefused(taker, { ...right, [field]: value }, field);
    }
    await fc.assert(
      fc.asyncProperty(junk, async (value) => {
        const error = await errorOf(taker, { ...right, [field]: value });
        if (error !== undefined) messageOf(taker, error, field);
      }),
      { numRuns: RUNS_PER_FIELD },
    );
  }
}

async function expectTaken(taker: Taker, options: unknown): Promise<void> {
  const error = await errorOf(taker, options);
  if (error !== undefined)
    throw new Error(`${taker.name}: refused what is right`, { cause: error });
}

async function expectRefused(taker: Taker, options: unknown, field: string): Promise<string> {
  const error = await errorOf(taker, options);
  if (error === undefined) throw new Error(`${taker.name}: a wrong ${field} was taken`);
  return messageOf(taker, error, field);
}

function messageOf(taker: Taker, error: unknown, field: string): string {
  const where = taker.path?.replace(/\.$/, '') ?? '';
  const message = error instanceof Error ? error.message : '';
  if (taker.isRefusal(error) && message.includes(where) && message.includes(field)) return message;
  throw new Error(`${taker.name}: a wrong ${field} ended with ${error}`, { cause: error });
}

/** What it ends with, whether it throws or rejects. */
async function errorOf(taker: Taker, options: unknown): Promise<unknown> {
  try {
    await Reflect.apply(taker.take, undefined, [options]);
    return undefined;
  } catch (error) {
    return error;
  }
}
