/** Whether what was caught is the error of the system with this code, such as ENOENT. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** What was caught, in words. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
