/** The small verifier that goes along with every package. */

import { readFile } from 'node:fs/promises';
import { type BagFile, textFile } from './bag.ts';

const VERIFIER = new URL('../../docs/verify.py', import.meta.url);

/** As it is documented: recipients may have a copy of their own, which must be the same. */
export const verifierFile = async (): Promise<BagFile> => textFile('verify.py', await readFile(VERIFIER));
