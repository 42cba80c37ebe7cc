import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { azurePlan } from '../../cloud/azure/plan.ts';
import { bicepText } from '../../cloud/bicep.ts';
import { type GcpOptions, gcpPlan } from '../../cloud/gcp/plan.ts';
import { quoted } from '../../cloud/hcl.ts';
import { command } from '../../cloud/shell.ts';
import { parseConfiguration } from '../../infra/configuration.ts';

const EXAMPLE = readFileSync(new URL('../../infra/example/audit-trail.json', import.meta.url), 'utf8');
type File = Record<string, Record<string, unknown>> & { connectors: Record<string, unknown>[] };
const changed = (change: (file: File) => void) => {
  const file = JSON.parse(EXAMPLE) as File;
  change(file);
  return () => {
    const configuration = parseConfiguration(JSON.stringify(file), 'test');
    azurePlan(configuration);
    gcpPlan(configuration);
  };
};

describe('names that would be code', () => {
  test.each([
    [
      'gcp.project',
      (file: File) => {
        file['gcp']!['project'] = 'x"; $(reboot)';
      },
    ],
    [
      'gcp.pool',
      (file: File) => {
        file['gcp']!['pool'] = 'a$(id)b';
      },
    ],
    [
      'azure.tenant',
      (file: File) => {
        file['azure']!['tenant'] = "'; drop";
      },
    ],
    [
      'azure.subscriptions',
      (file: File) => {
        file['azure']!['subscriptions'] = ['../..'];
      },
    ],
    [
      'name',
      (file: File) => {
        (file as Record<string, unknown>)['name'] = 'a`id`';
      },
    ],
    [
      'a project of entries',
      (file: File) => {
        file.connectors.find(({ delivery }) => delivery === 'entries')!['resources'] = ['projects/a..b'];
      },
    ],
    [
      'an organisation of entries',
      (file: File) => {
        file.connectors.find(({ delivery }) => delivery === 'entries')!['resources'] = ['organizations/abc'];
      },
    ],
    [
      'a bucket',
      (file: File) => {
        file.connectors.find(({ delivery }) => delivery === 'sink')!['bucket'] = 'a"b';
      },
    ],
    [
      'a storage account',
      (file: File) => {
        file.connectors.find(({ delivery }) => delivery === 'blobs')!['url'] =
          "https://a';b.blob.core.windows.net";
      },
    ],
  ])('%s is refused by its rule', (_, change) => {
    expect(changed(change)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^CON(?:FIG|NECT)/) }),
    );
  });

  test.each<[GcpOptions, string]>([
    [{ account: '1' }, 'CONNECT_ACCOUNT'],
    [{ issuer: 'https://x"$(id)' }, 'CONNECT_ISSUER'],
    [{ location: 'EU"' }, 'CONNECT_PLACE'],
  ])('%j is refused', (options, code) => {
    const configuration = parseConfiguration(EXAMPLE, 'test');
    const plan = () => [azurePlan(configuration, options), gcpPlan(configuration, options)];
    expect(plan).toThrow(expect.objectContaining({ code }));
  });
});

describe('whatever a text holds, it stays that text', () => {
  const strange = fc.string({
    unit: fc.constantFrom('$', '{', '}', '%', '"', "'", '\\', '\n', '`', 'a', ' ', '(', ')', '$'),
  });

  test('in Terraform', () => {
    fc.assert(
      fc.property(strange, (text) => {
        const read = quoted(text)
          .slice(1, -1)
          .replace(/\$\$\{|%%\{|\\([nrt"\\])/g, (found, letter: string | undefined) =>
            letter === undefined ? found.slice(1) : ({ n: '\n', r: '\r', t: '\t' }[letter] ?? letter),
          );
        expect(read).toBe(text);
        // No interpolation begins but one whose sign is doubled.
        expect(quoted(text).replaceAll(/\$\$\{|%%\{/g, '·')).not.toMatch(/[$%]\{/);
      }),
    );
  });

  test('in Bicep', () => {
    fc.assert(
      fc.property(strange, (text) => {
        const inner = bicepText(text).slice(1, -1);
        const read = inner.replace(
          /\\(\$\{|[nrt'\\])/g,
          (_, letter: string) => ({ n: '\n', r: '\r', t: '\t' })[letter] ?? letter,
        );
        expect(read).toBe(text);
        expect(inner.replaceAll(/\\(?:\$\{|.)/g, '·')).not.toMatch(/'|\$\{/);
      }),
    );
  });

  test('in a shell', () => {
    const texts = [
      'a b',
      "it's",
      '$(id)',
      '`id`',
      '"',
      '\\',
      '-n',
      '--x',
      '*',
      '\n',
      '',
      ';reboot',
      '$HOME',
      "'--'",
    ];
    const { stdout } = spawnSync('bash', ['-c', command('printf', '%s\\0', ...texts)], { encoding: 'utf8' });
    expect(stdout.split('\0').slice(0, -1)).toEqual(texts);
  });
});
