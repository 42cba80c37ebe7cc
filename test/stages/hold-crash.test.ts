import { holdCrashes } from './hold-crash.ts';

holdCrashes(5, 4);
