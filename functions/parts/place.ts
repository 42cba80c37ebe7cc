/** `s3://bucket/key` taken apart; its form is checked where the environment is read. */
export function placeOf(address: string): { readonly bucket: string; readonly key: string } {
  const [bucket = '', ...rest] = address.slice('s3://'.length).split('/');
  return { bucket, key: rest.join('/') };
}
