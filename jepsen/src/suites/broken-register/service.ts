import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import type { CallInput, Json } from '../../index.js';

// node service.js HOST:PORT OTHER...: one of the processes of a register that breaks its promise. It
// acknowledges a write before any of the others has it, so that they answer reads with what was before.
const [listen = '', ...others] = process.argv.slice(2);
const values = new Map<string, Json>();

function carryOut({ kind, key, value = null, from = null, to = null }: CallInput): Json {
  const current = values.get(`${key}`) ?? null;
  if (kind === 'read') return current;
  if (kind === 'compare-and-set' && current !== from) return false;
  values.set(`${key}`, kind === 'compare-and-set' ? to : value);
  return kind === 'compare-and-set' ? true : null;
}

/** Tells the others, and waits for nobody: that is what is broken. */
function replicate({ key }: CallInput): void {
  const body = JSON.stringify({ kind: 'write', key, value: values.get(`${key}`) ?? null });
  for (const other of others) {
    fetch(`http://${other}/copy`, { method: 'POST', body }).catch(() => {});
  }
}

const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(listen) ?? [];
createServer(async (request, response) => {
  const sent = await text(request);
  const call: CallInput = sent === '' ? { kind: 'read', key: '' } : JSON.parse(sent);
  const output = carryOut(call);
  if (call.kind !== 'read' && output !== false && request.url !== '/copy') replicate(call);
  response.end(JSON.stringify(output));
}).listen(Number(port), host);
