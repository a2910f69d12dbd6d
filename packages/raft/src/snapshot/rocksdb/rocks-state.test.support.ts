import { RocksDatabase } from '../../rocksdb/database.js';
import { finishReplacing } from '../replace-directory.js';

/** All rows of the database in `directory`, as text. */
export async function rowsIn(directory: string): Promise<Map<string, string>> {
  await finishReplacing(directory);
  await using database = await RocksDatabase.open({ directory });
  return allRows(database);
}

export function allRows(database: RocksDatabase): Map<string, string> {
  using range = database.range();
  const rows = new Map<string, string>();
  for (let page = range.nextPageSync(); page.length > 0; page = range.nextPageSync()) {
    for (const { key, value } of page) rows.set(key.toString(), value.toString());
  }
  return rows;
}

export function putRows(database: RocksDatabase, rows: ReadonlyMap<string, string>): void {
  const batch = database.batch();
  for (const [key, value] of rows) batch.put(Buffer.from(key), Buffer.from(value));
  batch.write({ sync: true });
}
