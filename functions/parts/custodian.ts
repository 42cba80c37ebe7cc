/** Who acts where a function does. */

import type { Context } from 'aws-lambda';
import type { Custodian } from '../../stages/custody.ts';

/** A function by itself. */
export const functionCustodian = ({ functionName, invokedFunctionArn }: Context): Custodian => ({
  actor: functionName,
  account: invokedFunctionArn,
  case: null,
  purpose: null,
});
