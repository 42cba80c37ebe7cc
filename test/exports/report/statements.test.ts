import { expect, test } from 'vitest';
import { readStatements } from '../../../exports/report/statements.ts';

const KNOWN = ['pci-10.4.1', 'pci-10.4.2'];
const given = (value: unknown) => () => readStatements(JSON.stringify(value), KNOWN);

test('a statement has a text, somebody whose it is, and its hash', () => {
  const found = readStatements('{"pci-10.4.1":{"text":"Reviewed daily.","by":"Jane Example"}}', KNOWN);
  expect(found.get('pci-10.4.1')).toEqual({
    name: 'pci-10.4.1',
    text: 'Reviewed daily.',
    by: 'Jane Example',
    on: null,
    // printf 'Reviewed daily.' | sha256sum
    sha256: 'b80bbe9c7b9b5a650e399e09b15ea73b3de8c3c3509dad2169a21ef1ce8edbb2',
  });
});

test.each([
  [
    'an unknown name, with those there are',
    { 'pci-10.9': { text: 'x', by: 'y' } },
    /pci-10\.4\.1, pci-10\.4\.2/,
  ],
  ['one that is nobody’s', { 'pci-10.4.1': { text: 'x' } }, /by whom/],
  ['one without a text', { 'pci-10.4.1': { text: ' ', by: 'y' } }, /no text/],
  ['a member it does not know', { 'pci-10.4.1': { text: 'x', by: 'y', date: '2024' } }, /"date"/],
  ['a day that is none', { 'pci-10.4.1': { text: 'x', by: 'y', on: 'today' } }, /on is a day/],
  ['null', { 'pci-10.4.1': null }, /no text/],
  ['a list', [], /no object/],
])('refuses %s', (_, value, message) => {
  expect(given(value)).toThrow(message);
});

test('refuses what is no JSON', () => {
  expect(() => readStatements('{', KNOWN)).toThrow(/not JSON/);
});
