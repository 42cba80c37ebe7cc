import { createHash } from 'node:crypto';

/** For Content-MD5, which servers compare that ignore newer checksums. It guards the way there and proves nothing. */
export const md5Base64 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('base64');
