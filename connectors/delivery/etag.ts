/** The name under which an object's ETag is kept with its metadata, whose own names are lower-case. */
export const ETAG = 'ETag';
