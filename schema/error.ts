/** An error with a code to branch on, a sentence with the value, the rule and the way out, and a cause to dig into. */
export class AkashiError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AkashiError';
    this.code = code;
  }
}
