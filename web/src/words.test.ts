import { describe, expect, it } from 'vitest';
import en from './locales/en.json';
import id from './locales/id.json';

const leaves = (tree: object, at = ''): [string, string][] =>
  Object.entries(tree).flatMap(([k, v]) => (typeof v === 'string' ? [[at + k, v] as [string, string]] : leaves(v as object, at + k + '.')));

describe('catalogues', () => {
  const [a, b] = [new Map(leaves(id)), new Map(leaves(en))];
  it('have the same keys', () => expect([...a.keys()].sort()).toEqual([...b.keys()].sort()));
  it('leave nothing unsaid', () => {
    for (const [k, v] of [...a, ...b]) expect(v.trim(), k).not.toBe('');
  });
  it('name the same facts in both languages', () => {
    const facts = (s: string) => [...s.matchAll(/\{\{(\w+)\}\}/g)].map((m) => m[1]).sort();
    for (const [k, v] of a) expect(facts(b.get(k)!), k).toEqual(facts(v));
  });
  it('hold every key that the code asks for', () => {
    const sources = import.meta.glob('./**/*.tsx', { query: '?raw', import: 'default', eager: true }) as Record<string, string>;
    for (const [file, text] of Object.entries(sources)) {
      for (const [, key] of text.matchAll(/\bt\('([\w.-]+)'/g)) expect(a.has(key!), `${file}: ${key}`).toBe(true);
    }
  });
});
