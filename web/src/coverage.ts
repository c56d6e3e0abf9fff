import { api, call, type Schemas } from './api/client';
import { useKept } from './data';
import type { Formats } from './format';

export type Figure = Schemas['Figure'];
export type Finding = Schemas['Finding'];
export const subjects = ['recording', 'card', 'birth-certificate', 'child-card', 'digital-id'] as const;
export type Subject = (typeof subjects)[number];

interface Numbers {
  people?: number | null;
  have?: number | null;
  lack?: number | null;
  percent?: number | null;
}

// share is coverage by the counts, else as the source printed it; it may be above 1.
export function share(n: Numbers): number | null {
  if (n.people && n.have != null) return n.have / n.people;
  if (n.people && n.lack != null) return (n.people - n.lack) / n.people;
  return n.percent == null ? null : n.percent / 100;
}

// spoken is the day, month or year that a figure speaks of, as precise as its source.
export const spoken = (asOf: string, f: Formats) => (asOf.length === 10 ? f.shortDate(asOf) : asOf.length === 7 ? f.month(asOf) : asOf);

// useSeries are the figures of a region about a subject, the newest date first.
export const useSeries = (region: string, subject: string, enabled = true) =>
  useKept(['series', region, subject], async () => {
    const page = await call(api.GET('/api/v1/coverage', { params: { query: { region, subject: subject as Subject, group: 'all', limit: 200 } } }));
    return (page.items ?? []).filter((x) => x.region === region).sort((a, b) => b.as_of.localeCompare(a.as_of) || b.id - a.id);
  }, enabled);

// told is what was found about a figure, in words.
export function told(d: Pick<Finding, 'rule' | 'facts'>, f: Formats, t: (key: string, facts?: Record<string, unknown>) => string): string {
  const facts = (d.facts ?? {}) as { [name: string]: unknown };
  const shown = Object.fromEntries(Object.entries(facts).map(([name, v]) => [name, typeof v === 'number' ? (Number.isInteger(v) ? f.pieces(v) : f.decimal(v, 2)) : v === null ? '–' : v]));
  if (d.rule === 'jump') return t(facts.people === undefined ? 'finding.jump-percent' : 'finding.jump-people', { ...shown, when: spoken(String(facts.as_of_before ?? ''), f) });
  if (d.rule === 'parts-exceed-parent' || d.rule === 'parts-differ-from-parent') return t(`finding.${d.rule}`, { ...shown, number: t(`cover.${String(facts.number)}`) });
  return t(`finding.${d.rule}`, shown);
}
