import { holdCrashes } from '../stages/hold-crash.ts';

holdCrashes(1, 200);
