// What screens decide by themselves, without a server and without a page.
import { describe, expect, it } from 'vitest';
import { formats } from '../format';
import { goingFrom, type Visit } from '../visits';
import { crewOf } from './adjust';
import { visitFacts } from './conflict';
import { nearest } from './region';
import { stillChosen } from './requests';

const visit = (facts: Partial<Visit>) => ({
  id: 1, day: '2026-03-10', starts_at: '2026-03-10T02:00:00Z', ends_at: '2026-03-10T04:00:00Z', zone: 'WIB', state: 'proposed', team: 1, team_name: 'Tim Satu', published: true, blanks: 5, ...facts,
}) as Visit;

describe('screens', () => {
  it('show every part of a visit that another person may have changed', () => {
    const words = { t: (key: string) => key, f: formats('id') } as unknown as Parameters<typeof visitFacts>[0];
    const differ = (a: Visit, b: Visit) => visitFacts(words).filter(([, of]) => of(a) !== of(b)).map(([label]) => label);
    expect(differ(visit({}), visit({}))).toEqual([]);
    expect(differ(visit({}), visit({ starts_at: '2026-03-10T03:00:00Z', ends_at: '2026-03-10T05:00:00Z' }))).toEqual(['plan.hours']);
    expect(differ(visit({}), visit({ published: false }))).toEqual(['visit.announced']);
    expect(differ(visit({ blanks: 0 }), visit({ blanks: 0, record_only: true }))).toEqual(['visit.set-aside']);
  });

  it('name the team where a visit is also when it does not go any more', () => {
    const teams = [{ id: 1, name: 'Tim Satu' }, { id: 2, name: 'Tim Dua' }, { id: 3, name: 'Tim Tiga' }] as Parameters<typeof crewOf>[0];
    const crew = teams.slice(1, 2);
    expect(crewOf(crew, visit({ team: 2 }), 2, teams)).toEqual([{ id: 2, name: 'Tim Dua', goes: true }]);
    expect(crewOf(crew, visit({}), 1, teams).map((x) => [x.id, x.goes])).toEqual([[1, false], [2, true]]);
    expect(crewOf(crew, visit({}), 3, teams).map((x) => [x.name, x.goes])).toEqual([['Tim Satu', false], ['Tim Tiga', false], ['Tim Dua', true]]);
    expect(crewOf(crew, undefined, 0, teams).map((x) => x.id)).toEqual([2]);
  });

  it('show the visits that come before those that were', () => {
    const days = Array.from({ length: 20 }, (_, i) => visit({ id: i, day: `2026-03-${String(i + 1).padStart(2, '0')}` }));
    expect(nearest(days, '2026-03-18').map((v) => Number(v.day.slice(8)))).toEqual([18, 19, 20, 17, 16, 15, 14, 13, 12]);
    expect(nearest(days, '2026-03-02').map((v) => Number(v.day.slice(8)))).toEqual([2, 3, 4, 5, 6, 7, 1]);
  });

  it('ask for the visits to a kecamatan whichever team makes them', () => {
    expect(goingFrom({ code: '12.71.03', level: 'district' })).toBeUndefined();
    expect(goingFrom({ code: '12.71', level: 'regency' })).toBe('12.71');
  });

  it('drop from what was chosen what is decided by now, and nothing that is only out of sight', () => {
    const chosen = new Set([1, 2, 3]);
    expect(stillChosen(chosen, [{ id: 1, state: 'submitted' }, { id: 2, state: 'verified' }])).toBe(chosen);
    expect([...stillChosen(chosen, [{ id: 1, state: 'approved' }, { id: 2, state: 'submitted' }])]).toEqual([2, 3]);
  });
});
