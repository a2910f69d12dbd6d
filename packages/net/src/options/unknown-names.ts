/**
 * A line for each field of `given` that `names` lacks, with the name that was probably meant. What is
 * undefined counts as not given.
 */
export function unknownNames(
  given: object,
  names: readonly string[],
  path = '',
): readonly string[] {
  const unknown = Object.entries(given).filter(
    ([name, value]) => value !== undefined && !names.includes(name),
  );
  return unknown.map(([name]) => {
    const nearest = nearestName(name, names);
    const instead = nearest === undefined ? '' : `; did you mean ${path}${nearest}?`;
    return `${path}${name} is no option${instead}`;
  });
}

/** The name that was probably meant by `given`: all but a third of its characters are the same. */
function nearestName(given: string, names: readonly string[]): string | undefined {
  let nearest: string | undefined;
  let fewest = given.length / 3;
  for (const name of names) {
    const changes = changesBetween(given.toLowerCase(), name.toLowerCase(), fewest);
    if (changes > fewest || (changes === fewest && nearest !== undefined)) continue;
    nearest = name;
    fewest = changes;
  }
  return nearest;
}

/** Characters to insert, delete or replace so that one text becomes the other; more than `most` at once. */
function changesBetween(one: string, other: string, most: number): number {
  if (Math.abs(one.length - other.length) > most) return Number.POSITIVE_INFINITY;
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let i = 0; i < one.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < other.length; j++) {
      const replaced = (row[j] ?? 0) + (one[i] === other[j] ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
