const OUT_OF_FILES = /\bEMFILE\b|\bENFILE\b|Too many open files|too many open files/;

/**
 * Whether `error`, or what caused it, is that this process, or the machine, could open no more
 * files. RocksDB keeps all its tables open, and takes no more writes once it could not open one: it
 * has to be opened anew when there is room.
 */
export function isOutOfFiles(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (OUT_OF_FILES.test(cause.message)) return true;
  }
  return false;
}
