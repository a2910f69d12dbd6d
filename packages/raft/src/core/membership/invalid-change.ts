/** A change makes no sense for the configuration in force; nothing was changed by it. */
export class InvalidChange extends Error {
  override readonly name = 'InvalidChange';
}
