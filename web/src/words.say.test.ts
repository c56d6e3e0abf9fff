import { afterEach, describe, expect, it, vi } from 'vitest';
import { Problem, type FieldFault } from './api/problem';

// English that lacks a sentence: what it does not say is said in Indonesian.
vi.mock('./locales/en.json', async (original) => {
  const { default: en } = await original<{ default: { app: object; field: object } }>();
  return { default: { ...en, app: { ...en.app, again: undefined }, field: 'a word where a branch is wanted' } };
});

const fresh = async () => {
  vi.resetModules();
  return import('./words');
};
const problem = (code: string, facts: Record<string, unknown> = {}) => new Problem({ status: 409, code, facts });
const field = (code: string, facts?: Record<string, unknown>, value?: unknown): FieldFault => ({ location: 'body.x', code, facts, value }) as FieldFault;

afterEach(() => localStorage.clear());

describe('words', () => {
  it('put the facts in their places, each as often as it is named', async () => {
    const { t } = (await fresh()).wordsOf('id');
    expect(t('visit.sum', { count: 3, people: '1.200', blanks: 40 })).toBe('Hari ini 3 kunjungan, 1.200 orang, 40 blangko');
    expect(t('visit.needs', { people: '{{blanks}}', blanks: 9 })).toBe('{{blanks}} orang'); // what is put in is not read again
    expect(t('visit.needs', { people: '$& $1' })).toBe('$& $1 orang');
  });
  it('leave a fact out that nobody gave, and take nought for a fact', async () => {
    const { t } = (await fresh()).wordsOf('id');
    expect(t('visit.needs')).toBe(' orang');
    expect(t('visit.needs', { people: null })).toBe(' orang');
    expect(t('visit.needs', { people: 0 })).toBe('0 orang');
  });
  it('say the key where there are no words, and where the key is a branch', async () => {
    const { t } = (await fresh()).wordsOf('id');
    expect(t('nothing.of.the.kind')).toBe('nothing.of.the.kind');
    expect(t('visit')).toBe('visit');
    expect(t('visit.title.more')).toBe('visit.title.more');
  });
  it('are Indonesian until English is there, and where English is silent', async () => {
    const { speak, wordsOf } = await fresh();
    const { t } = wordsOf('en');
    expect(t('visit.title')).toBe('Kunjungan');
    await speak('en');
    expect(t('visit.title')).toBe('Visits');
    expect(t('app.again')).toBe('Coba lagi');
    expect(t('field.required')).toBe('Wajib diisi');
    expect([localStorage.getItem('blangko-language'), document.documentElement.lang]).toEqual(['en', 'en']);
  });
  it('are the same object from one drawing to the next', async () => {
    const { wordsOf } = await fresh();
    expect(wordsOf('id')).toBe(wordsOf('id'));
    expect(wordsOf('id')).not.toBe(wordsOf('en'));
  });
});

describe('problems', () => {
  it('show numbers, days and lists as people write them', async () => {
    const { problem: say, field: wrong } = (await fresh()).wordsOf('id');
    expect(say(problem('insufficient-stock', { requested: 12000, available: 3.5 }))).toBe('Stok tidak cukup: diminta 12.000, tersedia 3,50.');
    expect(say(problem('before-opening', { opened_on: '2026-03-01' }))).toBe('Tanggal ini sebelum tempat dibuka (1 Mar 2026).');
    expect(say(problem('box-elsewhere', { box: 'A-1', place: ['Medan', 'Ternate'], condition: 'usable' }))).toBe('Boks A-1 tidak tersedia di sini: Medan, Ternate (usable).');
    expect(wrong(field('out-of-range', { least: 1, most: 1000000 }))).toBe('Harus antara 1 dan 1.000.000');
  });
  it('that nobody has worded are told with their code, fields as malformed', async () => {
    const { problem: say, field: wrong } = (await fresh()).wordsOf('id');
    expect(say(problem('brand-new'))).toBe('Tidak dapat dilakukan (brand-new).');
    expect(wrong(field('brand-new'))).toBe('Isian tidak sah');
  });
});
