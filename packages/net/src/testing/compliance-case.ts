/** One test of a suite that implementers run with whatever test runner they use. */
export interface ComplianceCase {
  readonly name: string;
  /** Rejects when the implementation breaks its contract. */
  run(): Promise<void>;
}

/** What a case is run on: made for it alone, and removed however it ends. */
export interface ComplianceBench {
  remove(): Promise<void>;
}

/** What a suite asks for, by the name of the case. */
export type ComplianceBodies<Bench> = Readonly<Record<string, (bench: Bench) => Promise<void>>>;

/** The cases of a suite, each on a bench of its own. */
export function complianceCases<Bench extends ComplianceBench>(
  bodies: ComplianceBodies<Bench>,
  open: () => Promise<Bench>,
): ComplianceCase[] {
  return Object.entries(bodies).map(([name, body]) => ({
    name,
    run: async () => {
      const bench = await open();
      try {
        await body(bench);
      } finally {
        await bench.remove();
      }
    },
  }));
}
