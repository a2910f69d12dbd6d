import { describe, expect, it } from 'vitest';
import { Terminal } from './terminal.js';

function recorder(isTTY: boolean): { written: string; terminal: Terminal } {
  const record = { written: '', terminal: new Terminal({ write: () => true }) };
  record.terminal = new Terminal({
    isTTY,
    columns: 10,
    write: (text) => {
      record.written += text;
    },
  });
  return record;
}

describe('Terminal', () => {
  it('keeps the changing line below the others', () => {
    const record = recorder(true);
    record.terminal.status('12 entries done');
    record.terminal.status('12 entries done');
    record.terminal.line('hello');
    record.terminal.status('');
    record.terminal.line('bye');
    expect(record.written).toBe(
      '\r\x1b[K12 entrie\r\x1b[Khello\n12 entrie\r\x1b[Kbye\n'.replace('bye', 'bye'),
    );
  });

  it('shows only lines that stay where nobody looks', () => {
    const record = recorder(false);
    record.terminal.status('working');
    record.terminal.line('done');
    expect(record.written).toBe('done\n');
  });
});
