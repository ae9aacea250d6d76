declare module 'asl-validator' {
  export type Validation = { isValid: boolean; errorsText: (separator?: string) => string };

  /** Writes each state's QueryLanguage into `definition` itself. */
  export default function validate(definition: object): Validation;
}
