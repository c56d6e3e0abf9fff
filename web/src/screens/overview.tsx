import { Anchor, Group, NativeSelect, TextInput, Title } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { api, call } from '../api/client';
import { asProblem } from '../api/problem';
import { useKept, useRegions, useStock, type Stock } from '../data';
import type { Zone } from '../format';
import { gapDots, gapLegend, tones } from '../maps/gaps';
import { PointMap, type Dot } from '../maps/map';
import { useSession, type Region } from '../session';
import { Choice } from '../shell/choice';
import { Figure, State } from '../shell/figure';
import { Page } from '../shell/page';
import { Since } from '../shell/since';
import { Sortable, type Column } from '../shell/table';
import { Loading, Trouble } from '../shell/trouble';
import { useWords, type Words } from '../words';
import { Demand } from './demand';

const urgency: Record<string, number> = { out: 0, low: 1, sufficient: 2, over: 3 };

// Overview is what a planner sees first: how much there is, where it runs out, and who needs something done.
export function Overview() {
  const { region } = useSession();
  const words = useWords();
  const { t, f } = words;
  const stock = useStock('regency', region.code);
  const regions = useRegions('regency', region.code);
  if (stock.isPending) return <Loading />;
  if (stock.isLoadingError) return <Trouble problem={asProblem(stock.error)} again={() => void stock.refetch()} />;
  const page = stock.data.value;
  const rows = page.items ?? [];
  const asOf = f.instant(page.as_of, region.zone as Zone);
  return (
    <Page title={t('nav.home')} about={t('overview.as-of', { when: asOf })}>
      <Since at={stock.data.since} />
      <Tiles rows={rows} asOf={asOf} words={words} />
      {regions.data && <Where rows={rows} regions={regions.data.value.items ?? []} words={words} whole={region.level === 'nation'} asOf={asOf} />}
      <Demand region={region.code} title={t(region.level === 'nation' ? 'demand.nation' : 'demand.region')} />
      <Action rows={rows} words={words} national={region.level === 'nation'} />
    </Page>
  );
}

function Tiles({ rows, asOf, words: { t, f } }: { rows: Stock[]; asOf: string; words: Words }) {
  const sum = (of: (s: Stock) => number) => rows.reduce((n, s) => n + of(s), 0);
  const onHand = sum((s) => s.on_hand);
  const daily = sum((s) => s.daily_need ?? s.daily_use);
  const critical = rows.filter((s) => s.state === 'out' || s.state === 'low').length;
  const out = rows.filter((s) => s.state === 'out').length;
  return (
    <section aria-label={t('overview.tiles')} className="tiles">
      <Figure of="on-hand" label={t('overview.stock')} value={f.pieces(onHand)} note={t('unit.pieces')} asOf={asOf} />
      <Figure of="days-of-cover" label={t('overview.days')} value={daily > 0 ? f.decimal(onHand / daily) : f.decimal(null)} note={t('unit.days')} asOf={asOf} />
      <Figure
        of="critical" label={t('overview.critical')} value={f.pieces(critical)} asOf={asOf} tone={out > 0 ? 'bad' : critical > 0 ? 'warn' : 'good'}
        note={t('overview.critical-note', { out: f.pieces(out), all: f.pieces(rows.length) })}
      />
      <Figure of="in-transit" label={t('overview.transit')} value={f.pieces(sum((s) => s.in_transit))} note={t('unit.pieces')} asOf={asOf} />
    </section>
  );
}

// A layer of the map: what it tells of each region.
const layers = ['cover', 'run-out', 'recording', 'birth-certificate'] as const;
type Layer = (typeof layers)[number];

const bounds = {
  cover: [30, 14, 7, 0], // days, the fewer the worse
  'run-out': [0.05, 0.25, 0.5, 0.75],
};

function tone(layer: keyof typeof bounds, value: number | null | undefined): string {
  if (value == null) return 'dot-none';
  const passed = bounds[layer].filter((b) => (layer === 'cover' ? value < b || (b === 0 && value === 0) : value >= b)).length;
  return tones[passed]!;
}

function Where({ rows, regions, words: { t, f }, whole, asOf }: { rows: Stock[]; regions: Region[]; words: Words; whole: boolean; asOf: string }) {
  const { may, region } = useSession();
  const [layer, choose] = useState<Layer>('cover');
  const gap = layer === 'recording' || layer === 'birth-certificate' ? layer : null;
  const gaps = useKept(
    ['gaps', gap ?? '', region.code],
    () => call(api.GET('/api/v1/gaps', { params: { query: { subject: gap!, level: 'regency', region: region.code, limit: 1000 } } })), gap !== null,
  );
  const dots = useMemo(() => {
    const to = (code: string) => '/regions/' + code;
    if (gap) return gapDots(gaps.data?.value.items ?? [], regions, { t, f }, to);
    const at = new Map(regions.map((r) => [r.code, r]));
    const measure = layer === 'run-out' ? layer : 'cover';
    return rows.flatMap((s): Dot[] => {
      const r = at.get(s.region);
      const value = measure === 'cover' ? (s.on_hand === 0 ? 0 : s.days_of_cover) : s.run_out;
      return r ? [{
        id: s.region, name: r.name, lon: r.lon, lat: r.lat, to: to(s.region), size: s.daily_need ?? s.daily_use, tone: tone(measure, value),
        told: measure === 'cover' ? `${f.decimal(value)} ${t('unit.days')}` : f.percent(value, 0), sort: value,
      }] : [];
    });
  }, [rows, regions, layer, gap, gaps.data, t, f]);
  const legend: [string, string][] = gap ? gapLegend({ t }) : [...tones.map((c, i): [string, string] => [c, t(`overview.bin-${layer}.${i}`)]), ['', t('overview.size-need')]];
  const oldest = gaps.data?.value.totals?.oldest;
  return (
    <>
      <PointMap
        dots={dots} whole={whole} level="regency" title={t('overview.map')} heads={[t('region.region'), t(`overview.layer.${layer}`)]}
        help={gap ? `gap-${gap}` : layer === 'cover' ? 'days-of-cover' : 'run-out'} asOf={gap ? oldest ? f.date(oldest) : undefined : asOf}
        about={t('overview.map-about', { count: f.pieces(dots.length), layer: t(`overview.layer.${layer}`), size: t(gap ? 'overview.size-gap' : 'overview.size-need') })}
        legend={legend}
        control={<Choice label={t('overview.measure')} value={layer} onChange={choose} options={layers.filter((l) => l === 'cover' || l === 'run-out' || may('coverage.read')).map((l) => [l, t(`overview.layer.${l}`)] as const)} />}
      />
      {gap && gaps.isLoadingError && <Trouble problem={asProblem(gaps.error)} again={() => void gaps.refetch()} />}
    </>
  );
}

function Action({ rows, words: { t, f }, national }: { rows: Stock[]; words: Words; national: boolean }) {
  const { may } = useSession();
  const provinces = useRegions('province', '00', national);
  const asked = useKept(['requests', 'open'], () => call(api.GET('/api/v1/requests', { params: { query: { open: true, limit: 1000 } } })), may('requests.read'));
  const [which, setWhich] = useState<'action' | 'all'>('action');
  const [province, setProvince] = useState('');
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed.trim().toLowerCase(), 150);
  const shown = useMemo(
    () =>
      rows
        .filter((s) => (which === 'all' || urgency[s.state]! < 2) && (!province || s.region.startsWith(province + '.')) && s.name.toLowerCase().includes(search))
        .sort((a, b) => urgency[a.state]! - urgency[b.state]! || (a.days_of_cover ?? Infinity) - (b.days_of_cover ?? Infinity)),
    [rows, which, province, search],
  );
  const columns = useMemo(() => {
    const open = new Map((asked.data?.value.items ?? []).filter((r) => ['submitted', 'verified'].includes(r.state)).map((r) => [r.region, r]));
    const request: Column<Stock> = {
      key: 'request', head: t('overview.request'), number: true, phone: false, sort: (s) => open.get(s.region)?.asked,
      cell: (s) => { const r = open.get(s.region); return r ? <Anchor component={Link} to={`/requests/${r.id}`} inherit>{t('overview.asks', { pieces: f.pieces(r.asked) })}</Anchor> : '–'; },
    };
    return [...stockColumns({ t, f }), request];
  }, [t, f, asked.data]);
  return (
    <section aria-labelledby="action">
      <Group justify="space-between" align="flex-end" mb="xs">
        <Title order={2} size="h4" id="action">{t('overview.action')}</Title>
        <Group align="flex-end" gap="xs" className="noprint">
          <TextInput size="sm" label={t('overview.search')} value={typed} onChange={(e) => setTyped(e.currentTarget.value)} />
          {national && (
            <NativeSelect
              size="sm" label={t('region.province')} value={province} onChange={(e) => setProvince(e.currentTarget.value)}
              data={[{ value: '', label: t('app.all') }, ...(provinces.data?.value.items ?? []).map((p) => ({ value: p.code, label: p.name }))]}
            />
          )}
          <Choice label={t('overview.which')} value={which} onChange={setWhich} options={[['action', t('overview.only-action')], ['all', t('app.all')]]} />
        </Group>
      </Group>
      <Sortable caption={t('overview.action')} rows={shown} columns={columns} id={(s) => s.region} tall empty={t('overview.calm')} />
    </section>
  );
}

export function stockColumns({ t, f }: Pick<Words, 't' | 'f'>): Column<Stock>[] {
  return [
    { key: 'name', head: t('region.region'), cell: (s) => <Anchor component={Link} to={'/regions/' + s.region} inherit>{s.name}</Anchor>, sort: (s) => s.name },
    { key: 'state', head: t('region.state'), cell: (s) => <State state={s.state} />, sort: (s) => urgency[s.state] },
    { key: 'on_hand', head: t('region.on-hand'), cell: (s) => f.pieces(s.on_hand), sort: (s) => s.on_hand, number: true },
    { key: 'days', head: t('region.days'), cell: (s) => f.decimal(s.days_of_cover), sort: (s) => s.days_of_cover, number: true },
    { key: 'need', head: t('region.need'), cell: (s) => f.decimal(s.daily_need ?? s.daily_use), sort: (s) => s.daily_need ?? s.daily_use, number: true, phone: false },
    { key: 'run-out', head: t('region.run-out'), cell: (s) => f.percent(s.run_out, 0), sort: (s) => s.run_out, number: true, phone: false },
    { key: 'transit', head: t('region.transit'), cell: (s) => f.pieces(s.in_transit), sort: (s) => s.in_transit, number: true, phone: false },
  ];
}
