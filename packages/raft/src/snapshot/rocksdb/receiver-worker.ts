import { parentPort, workerData } from 'node:worker_threads';
import { invariant } from '../../core/invariant.js';
import { encodeManifest } from '../snapshot-block.js';
import { decodeManifest } from '../snapshot-parser.js';
import { ReceivedRows } from './received-rows.js';
import { positionOf, type ReceiverAnswer, type ReceiverRequest } from './receiver-protocol.js';
import { failureOf } from './thread-failure.js';

invariant(parentPort !== null, 'this module is the body of a worker thread');
const port = parentPort;
const received = new ReceivedRows(workerData as string);
const DONE: ReceiverAnswer = { type: 'done' };

async function carryOut(request: ReceiverRequest): Promise<ReceiverAnswer> {
  switch (request.type) {
    case 'begun': {
      const manifest = await received.begun();
      return { type: 'begun', manifest: manifest && encodeManifest(manifest) };
    }
    case 'begin': {
      const manifest = decodeManifest(Buffer.from(request.manifest));
      return { type: 'position', position: await received.begin(manifest) };
    }
    case 'accept': {
      const { payload, rows, end } = request;
      const { buffer, byteOffset, byteLength } = payload;
      await received.accept(Buffer.from(buffer, byteOffset, byteLength), rows, positionOf(end));
      return DONE;
    }
    case 'complete':
      await received.complete();
      return DONE;
    case 'discard':
      await received.discard();
      return DONE;
    case 'close':
      await received.close();
      return DONE;
  }
}

async function answer(request: ReceiverRequest): Promise<void> {
  try {
    port.postMessage(await carryOut(request));
  } catch (error) {
    const failed: ReceiverAnswer = { type: 'failed', failure: failureOf(error) };
    port.postMessage(failed);
  }
  if (request.type === 'close') port.close();
}

let last: Promise<void> = Promise.resolve();
port.on('message', (request: ReceiverRequest) => {
  last = last.then(() => answer(request));
});
