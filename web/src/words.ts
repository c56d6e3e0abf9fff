import { useSyncExternalStore } from 'react';
import type { FieldFault, Problem } from './api/problem';
import { formats, type Formats, type Language } from './format';
import id from './locales/id.json';

interface Tree {
  [part: string]: string | Tree;
}

// Words of another language than Indonesian are fetched when they are wanted.
const catalogues: Partial<Record<Language, Tree>> = { id };
let spokenNow: Language = 'id';
const heard = new Set<() => void>();

// speak changes the language, and remembers it.
export async function speak(language: Language) {
  if (language === 'en') catalogues.en ??= (await import('./locales/en.json')).default;
  localStorage.setItem('blangko-language', language);
  document.documentElement.lang = language;
  spokenNow = language;
  heard.forEach((tell) => tell());
}

// spoken is done when the language that was chosen before is there; where it cannot be had, it is Indonesian.
export const spoken = localStorage.getItem('blangko-language') === 'en' ? speak('en').catch(() => undefined) : Promise.resolve();

export interface Words {
  t: (key: string, facts?: Record<string, unknown>) => string;
  f: Formats;
  language: Language;
  problem: (p: Problem) => string;
  field: (e: FieldFault) => string;
}

const listen = (tell: () => void) => {
  heard.add(tell);
  return () => heard.delete(tell);
};

// useWords gives the words and formats of the language that was chosen. They are the same from one drawing to the next, so
// that a table whose columns hold them is not made anew.
export const useWords = (): Words => wordsOf(useSyncExternalStore(listen, () => spokenNow));

const made = new Map<Language, Words>();

// wordsOf are the words of a language. What it does not say is said in Indonesian.
export function wordsOf(language: Language): Words {
  if (!made.has(language)) made.set(language, words(language));
  return made.get(language)!;
}

const find = (language: Language, key: string) => {
  const at = key.split('.').reduce<string | Tree | undefined>((tree, part) => (typeof tree === 'object' ? tree[part] : undefined), catalogues[language]);
  return typeof at === 'string' ? at : undefined;
};

function words(language: Language): Words {
  const f = formats(language);
  const look = (key: string) => find(language, key) ?? find('id', key);
  const say = (key: string, facts: Record<string, unknown> = {}) => (look(key) ?? key).replace(/\{\{(\w+)\}\}/g, (_, name: string) => String(facts[name] ?? ''));
  const known = (key: string) => look(key) !== undefined;
  // Facts are shown as people write them, numbers and days; a list reads as one.
  const shown = (facts: Record<string, unknown>) => Object.fromEntries(Object.entries(facts).map(([name, v]) => [name, written(v, f)]));
  return {
    t: say,
    f,
    language,
    problem: (p) => (known('fault.' + p.code) ? say('fault.' + p.code, shown(p.facts)) : say('fault.unknown', { code: p.code })),
    field: (e) =>
      known('field.' + e.code)
        ? say('field.' + e.code, shown({ value: e.value, ...e.facts }))
        : say('field.malformed', shown({ value: e.value })),
  };
}

function written(v: unknown, f: Formats): unknown {
  if (typeof v === 'number') return Number.isInteger(v) ? f.pieces(v) : f.decimal(v, 2);
  if (Array.isArray(v)) return v.join(', ');
  return typeof v === 'string' && /^\d{4}-\d\d-\d\d$/.test(v) ? f.shortDate(v) : v;
}
