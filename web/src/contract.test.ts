// What the API says in codes, a screen says in words. Each code of the contract has its words: the compiler refuses a
// catalogue that lacks one, and a screen may build a key only where the table below holds it.
import { describe, expect, it } from 'vitest';
import type { Schemas } from './api/client';
import id from './locales/id.json';

type Words<Code extends string | null | undefined> = string extends Code ? never : { [code in Exclude<Code, '' | null | undefined>]: string };
type Each<List> = Exclude<List, null | undefined> extends (infer Code)[] ? Code : never;

const worded = {
  'alert.levels': id.alert.levels satisfies Words<Schemas['Alert']['level']>,
  'alert.states': id.alert.states satisfies Words<Schemas['Alert']['state']>,
  'check.access': id.check.access satisfies Words<Schemas['Omitted']['skill']>,
  'cover.status': id.cover.status satisfies Words<Schemas['Figure']['status']>,
  finding: id.finding satisfies Words<Exclude<Schemas['Finding']['rule'], 'jump'> | 'jump-percent' | 'jump-people'>,
  'finding.states': id.finding.states satisfies Words<Schemas['Finding']['state']>,
  'gap.bases': id.gap.bases satisfies Words<Schemas['Gap']['basis']>,
  item: id.item satisfies Words<Schemas['MoveLine']['item']>,
  omit: id.omit satisfies Words<Schemas['Omitted']['reason']>,
  'omit.of': id.omit.of satisfies Words<Schemas['Omitted']['of']>,
  'plan.state': id.plan.state satisfies Words<Schemas['Plan']['state']>,
  'request.reasons': id.request.reasons satisfies Words<Schemas['NewRequest']['reason']>,
  'request.state': id.request.state satisfies Words<Schemas['Request']['state']>,
  'result.failure': id.result.failure satisfies Words<Schemas['Failure']['reason']>,
  'result.flag': id.result.flag satisfies Words<Each<Schemas['Result']['flags']>>,
  'result.standings': id.result.standings satisfies Words<Schemas['Result']['standing']>,
  'result.where': id.result.where satisfies Words<Schemas['Result']['whereabouts']>,
  role: id.role satisfies Words<Schemas['User']['role']>,
  'shipment.mode': id.shipment.mode satisfies Words<Schemas['Shipment']['mode']>,
  'shipment.state': id.shipment.state satisfies Words<Schemas['Shipment']['state']>,
  'site.basis': id.site.basis satisfies Words<Schemas['Head']['basis']>,
  'site.flag': id.site.flag satisfies Words<Each<Schemas['Site']['flags']>>,
  'site.kind': id.site.kind satisfies Words<Schemas['NewSite']['kind']>,
  state: id.state satisfies Words<Schemas['Stock']['state']>,
  subject: id.subject satisfies Words<Schemas['NewFigure']['subject']>,
  'use.purpose': id.use.purpose satisfies Words<Schemas['UseLine']['purpose']>,
  'visit.state': id.visit.state satisfies Words<Schemas['Visit']['state']>,
};

// Codes that the contract leaves open, or that the application makes itself from a list that stands beside the key.
const own = [
  'alert', 'cover', 'cover.found', 'cover.none', 'cover.show', 'gap.subject', 'help', 'history', 'move', 'nav', 'overview', 'overview.bin-gap', 'overview.layer', 'plan', 'plan.did', 'plan.travel', 'queue',
  'queue.state', 'receipt', 'region', 'request', 'result', 'shipment', 'use', 'use.day', 'visit.off',
];

describe('contract', () => {
  const sources = Object.entries(import.meta.glob('./**/*.{ts,tsx}', { query: '?raw', import: 'default', eager: true }) as Record<string, string>).filter(([file]) => !file.includes('.test.'));
  it('every key that a screen builds from a code stands in the table', () => {
    const known = [...Object.keys(worded), ...own];
    const found = new Set<string>();
    for (const [file, text] of sources) {
      for (const [, start] of text.matchAll(/\bt\(`([\w.-]*)\$\{/g)) {
        const at = start!.replace(/(\.|\.?[\w]+-)$/, '');
        if (!at) continue; // State and Figure take their key from who shows them
        found.add(at);
        expect(known, `${file}: ${start}`).toContain(at);
      }
      for (const [, at] of text.matchAll(/<State\b[^>]*\bof="([\w.-]+)"/g)) {
        found.add(at!);
        expect(known, `${file}: ${at}`).toContain(at);
      }
    }
    expect(found.size).toBeGreaterThan(30);
  });
});
