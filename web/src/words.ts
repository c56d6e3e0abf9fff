import i18next, { type TFunction } from 'i18next';
import { useMemo } from 'react';
import { initReactI18next, useTranslation } from 'react-i18next';
import type { FieldFault, Problem } from './api/problem';
import { formats, type Formats, type Language } from './format';
import en from './locales/en.json';
import id from './locales/id.json';

const remembered = localStorage.getItem('blangko-language');

void i18next.use(initReactI18next).init({
  resources: { id: { translation: id }, en: { translation: en } },
  lng: remembered === 'en' ? 'en' : 'id',
  fallbackLng: 'id',
  interpolation: { escapeValue: false }, // React escapes
  returnNull: false,
});
document.documentElement.lang = i18next.language;

export function speak(language: Language) {
  localStorage.setItem('blangko-language', language);
  document.documentElement.lang = language;
  void i18next.changeLanguage(language);
}

export interface Words {
  t: (key: string, facts?: Record<string, unknown>) => string;
  f: Formats;
  language: Language;
  problem: (p: Problem) => string;
  field: (e: FieldFault) => string;
}

// useWords gives the words and formats of the language that was chosen. They are the same from one drawing to the next, so
// that a table whose columns hold them is not made anew.
export function useWords(): Words {
  const { t, i18n } = useTranslation();
  const language = i18n.language as Language;
  return useMemo(() => words(t, language), [t, language]);
}

function words(t: TFunction, language: Language): Words {
  const f = formats(language);
  const say = (key: string, facts?: Record<string, unknown>) => t(key, facts ?? {}) as string;
  const known = (key: string) => i18next.exists(key);
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
