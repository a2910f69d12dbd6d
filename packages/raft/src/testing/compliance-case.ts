/** One test of a suite that implementers run with whatever test runner they use. */
export interface ComplianceCase {
  readonly name: string;
  /** Rejects when the implementation breaks its contract. */
  run(): Promise<void>;
}
