import { executionAsyncResource } from 'node:async_hooks';
import { EventEmitter } from 'node:events';

type NativeCallback<Result> = (error: Error | null, result: Result) => void;

/** Callbacks that the binding has not called: each is also the resource of its call, to Node. */
const unanswered = new Map<object, (error: Error) => void>();
let capturing = false;

/**
 * What the binding answers to a call with a callback. Where a read meets a damaged block or a failing
 * disk, the binding does not call back but throws, out of every promise: that is caught here while
 * calls are under way, unless the program has a callback of its own for uncaught exceptions (or uses
 * domains). Then such an exception is the program's.
 */
export function nativeAnswer<Result>(
  start: (callback: NativeCallback<Result>) => void,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const settle = (error: Error | null, result?: Result) => {
      unanswered.delete(callback);
      if (unanswered.size === 0) endCapture();
      if (error) reject(error);
      else resolve(result as Result);
    };
    const callback: NativeCallback<Result> = (error, result) => settle(error, result);
    unanswered.set(callback, settle);
    beginCapture();
    try {
      start(callback);
    } catch (error) {
      settle(error instanceof Error ? error : new Error(String(error)));
    }
  });
}

function beginCapture(): void {
  if (capturing || process.hasUncaughtExceptionCaptureCallback()) return;
  try {
    process.setUncaughtExceptionCaptureCallback(uncaught);
    capturing = true;
  } catch {
    // The program uses domains.
  }
}

function endCapture(): void {
  if (capturing) process.setUncaughtExceptionCaptureCallback(null);
  capturing = false;
}

const toListeners = EventEmitter.prototype.emit;

/** Anything but what the binding throws takes its usual way. */
function uncaught(error: Error): void {
  const settle = unanswered.get(executionAsyncResource());
  if (settle !== undefined) settle(error);
  else if (!toListeners.call(process, 'uncaughtException', error, 'uncaughtException')) throw error;
}
