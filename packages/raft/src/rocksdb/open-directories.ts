/**
 * The databases that this process has open. The lock of a database is the process's: the system
 * neither refuses it the same file once more, nor keeps it locked when that is closed.
 */
export const openDirectories: Set<string> = new Set();
