import type { Schemas } from '../api/client';
import type { useWords } from '../words';
import type { Dot } from './map';

type Words = Pick<ReturnType<typeof useWords>, 't' | 'f'>;

// Colours go from calm blue over orange to dark red, so that they differ in lightness too.
export const tones = ['dot-0', 'dot-1', 'dot-2', 'dot-3', 'dot-4'] as const;

const bounds = [0.01, 0.03, 0.06, 0.12]; // shares of people without the document

// gapDots are circles as large as the people without a document, in the colour of their share.
export function gapDots(gaps: Schemas['Gap'][], regions: Schemas['Region'][], { t, f }: Words, to?: (code: string) => string): Dot[] {
  const at = new Map(regions.map((r) => [r.code, r]));
  return gaps.flatMap((g): Dot[] => {
    const r = at.get(g.region);
    if (!r) return [];
    const share = g.people && g.lack != null ? g.lack / g.people : g.percent == null ? null : Math.max(0, 1 - g.percent / 100);
    const left = g.remaining ?? g.lack;
    return [{
      id: g.region, name: r.name, lon: r.lon, lat: r.lat, to: to?.(g.region), size: left ?? 0, sort: left, told: t('overview.lacking', { people: f.pieces(left), share: f.percent(share) }),
      tone: share == null ? 'dot-none' : tones[bounds.filter((b) => share >= b).length]!,
    }];
  });
}

export const gapLegend = ({ t }: Pick<Words, 't'>): [string, string][] => [...tones.map((c, i): [string, string] => [c, t(`overview.bin-gap.${i}`)]), ['', t('overview.size-gap')]];
