/** `npm run bench`: our figures beside the floor and beside what people would use instead, in the same run. */

import { parseArgs } from 'node:util';
import { benchIngest } from './ingest.ts';
import { benchMemory } from './memory.ts';

const { values } = parseArgs({ options: { full: { type: 'boolean' }, scale: { type: 'string' } } });
const scale = Number(values.scale ?? (values.full ? 10 : 1));

await benchIngest(scale);
await benchMemory(values.full === true);
