import { describe, expect, it } from 'vitest';
import { addDays, formats, today } from './format';

describe('formats', () => {
  const id = formats('id');
  it('writes numbers as in Indonesia', () => {
    expect(id.pieces(1234567)).toBe('1.234.567');
    expect(id.decimal(12.5)).toBe('12,5');
    expect(id.percent(0.975)).toBe('97,5 %');
    expect(formats('en').pieces(1234567)).toBe('1,234,567');
  });
  it('writes what is not known as a dash, never as 0 or NaN', () => {
    for (const v of [null, undefined, NaN, Infinity]) expect([id.pieces(v), id.decimal(v), id.percent(v)]).toEqual(['–', '–', '–']);
    expect(id.date(null)).toBe('–');
  });
  it('writes days in full', () => expect(id.date('2026-11-24')).toBe('Selasa, 24 November 2026'));
  it('writes days of a plan with their weekday', () => expect([id.weekDay('2026-11-24'), formats('en').weekDay('2026-11-24')]).toEqual(['Sel, 24 Nov', 'Tue 24 Nov']));
  it('shows an instant in the zone of the region', () => {
    expect(id.instant('2026-11-24T15:30:00Z', 'WIT')).toMatch(/^25 Nov 2026,? 00[.:]30 WIT$/);
    expect(id.instant('2026-11-24T15:30:00Z', 'WIB')).toMatch(/^24 Nov 2026,? 22[.:]30 WIB$/);
  });
});

describe('days', () => {
  it('begin in the east first', () => {
    const evening = new Date('2026-11-24T15:30:00Z');
    expect([today('WIB', evening), today('WITA', evening), today('WIT', evening)]).toEqual(['2026-11-24', '2026-11-24', '2026-11-25']);
  });
  it('pass over months and leap days', () => {
    expect(addDays('2028-02-28', 1)).toBe('2028-02-29');
    expect(addDays('2026-01-01', -1)).toBe('2025-12-31');
  });
});
