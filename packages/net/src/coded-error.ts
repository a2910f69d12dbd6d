/**
 * The arguments of a class of errors with codes: those of the codes that `Details` names carry
 * what it says, and the others nothing.
 */
export type CodedErrorArguments<Code extends string, Details extends object> =
  | [code: Exclude<Code, keyof Details>, message: string, options?: { readonly cause?: unknown }]
  | {
      [Named in keyof Details]: [
        code: Named,
        message: string,
        options: { readonly cause?: unknown; readonly details: Details[Named] },
      ];
    }[keyof Details];

/** The part of an error that depends on its code; `Coded` is the class. */
export type WithCode<Coded, Code, Details extends object> = Coded & {
  readonly code: Code;
  readonly details: Code extends keyof Details ? Details[Code] : undefined;
};
