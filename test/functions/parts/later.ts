/** Imports packages while running: one in CommonJS, one in modules. */

export async function clients(): Promise<string[]> {
  const { GlueClient } = await import('@aws-sdk/client-glue');
  const { Encrypter } = await import('age-encryption');
  return [typeof GlueClient, typeof Encrypter];
}
