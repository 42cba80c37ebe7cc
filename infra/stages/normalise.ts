/** NORMALISE: rows of many bodies at once, for the sealer. */

import { Construct } from 'constructs';
import type { Deployment } from '../deployment.ts';
import type { AuditFunction } from '../parts/function.ts';
import type { Functions } from './functions.ts';
import type { Preserve } from './preserve.ts';

export interface StageProps {
  readonly deployment: Deployment;
  readonly preserve: Preserve;
  readonly functions: Functions;
  /** URL of the queue that wakes the sealer. */
  readonly wakeUrl: string;
}

export class Normalise extends Construct {
  readonly normalise: AuditFunction;

  constructor(scope: Construct, id: string, { preserve, functions }: StageProps) {
    super(scope, id);
    this.normalise = functions.make(this, 'normalise', { AKASHI_LAKE: preserve.lake });
  }
}
