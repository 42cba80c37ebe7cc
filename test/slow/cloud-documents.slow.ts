/** What is generated for the other clouds, read by parsers that others wrote of their languages. */

import { execFile, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const GOLDEN = new URL('../cloud/golden/', import.meta.url);

/** The interpreter's path; null where there is no Python, or PyPI cannot be reached. */
const python = await promisify(execFile)(path('./python.sh'), [
  path('../../node_modules/.cache/python-documents'),
  'python-hcl2==8.1.4',
  'tree-sitter==0.25.2',
  'tree-sitter-bicep==1.1.0',
]).then(
  ({ stdout }) => stdout.trim(),
  (error: unknown) => {
    console.warn(`No Python environment with the parsers: ${String(error)}`);
    return null;
  },
);

const HCL = `
import hcl2, json, sys
print(json.dumps({kind: len(blocks) for kind, blocks in hcl2.loads(sys.stdin.read()).items()}))
`;
const BICEP = `
import sys, tree_sitter, tree_sitter_bicep
tree = tree_sitter.Parser(tree_sitter.Language(tree_sitter_bicep.language())).parse(sys.stdin.buffer.read())
def faults(node):
    if node.type == 'ERROR' or node.is_missing:
        return [f'{node.start_point[0] + 1}: {node.text[:80]}']
    return [one for child in node.children for one in faults(child)]
kinds = [node.type for node in tree.root_node.children]
print(kinds.count('resource_declaration'), faults(tree.root_node))
`;

const read = (program: string, input: string) =>
  spawnSync(python!, ['-c', program], { input, encoding: 'utf8' });

const files = (folder: string, end: string) =>
  readdirSync(new URL(folder, GOLDEN))
    .filter((name) => name.endsWith(end))
    .map((name) => [name, readFileSync(new URL(folder + name, GOLDEN), 'utf8')] as const);

test.skipIf(python === null).each([...files('azure-terraform/', '.tf'), ...files('gcp-terraform/', '.tf')])(
  '%s is HCL',
  (_, text) => {
    const { status, stdout, stderr } = read(HCL, text);
    expect(status, stderr).toBe(0);
    const counts = JSON.parse(stdout) as Record<string, number>;
    const resources = [...text.matchAll(/^resource "/gm)].length;
    expect(counts['resource'] ?? 0).toBe(resources);
  },
);

test.skipIf(python === null).each(files('azure-bicep/', '.bicep'))('%s is Bicep', (_, text) => {
  // The grammar is older than extensions that bicepconfig.json names.
  const { status, stdout, stderr } = read(BICEP, text.replace(/^extension \w+$/m, ''));
  expect(status, stderr).toBe(0);
  const resources = [...text.matchAll(/^resource /gm)].length;
  expect(stdout.trim()).toBe(`${resources} []`);
});

test.skipIf(python === null)('the parsers see what is none', () => {
  expect(read(HCL, 'resource "a" {').status).not.toBe(0);
  expect(read(BICEP, "resource x 'y' = {\n  name: [\n").stdout.trim()).not.toBe('1 []');
});
