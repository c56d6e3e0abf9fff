import { Anchor, Group, NativeSelect, SegmentedControl, Stack, TextInput, Title } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { asProblem } from '../api/problem';
import { useRegions, useStock, type Stock } from '../data';
import type { Zone } from '../format';
import { PointMap, type Dot } from '../maps/map';
import { useSession, type Region } from '../session';
import { Figure, State } from '../shell/figure';
import { Sortable, type Column } from '../shell/table';
import { Loading, Trouble } from '../shell/trouble';
import { useWords, type Words } from '../words';

const urgency: Record<string, number> = { out: 0, low: 1, sufficient: 2, over: 3 };

// Overview is what a planner sees first: how much there is, where it runs out, and who needs something done.
export function Overview() {
  const { region } = useSession();
  const words = useWords();
  const { t, f } = words;
  const stock = useStock('regency', region.code);
  const regions = useRegions('regency', region.code);
  if (stock.isPending) return <Loading />;
  if (stock.isError) return <Trouble problem={asProblem(stock.error)} again={() => void stock.refetch()} />;
  const page = stock.data.value;
  const rows = page.items ?? [];
  const asOf = f.instant(page.as_of, region.zone as Zone);
  return (
    <Stack>
      <Title order={1} size="h2">{t('nav.home')}</Title>
      <Tiles rows={rows} asOf={asOf} words={words} />
      {regions.data && <Where rows={rows} regions={regions.data.value.items ?? []} words={words} whole={region.level === 'nation'} />}
      <Action rows={rows} words={words} national={region.level === 'nation'} />
    </Stack>
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

type Measure = 'cover' | 'run-out';

// tones of a probability, in quarters from 5 %.
export const risk = (p: number | null | undefined) => (p == null ? 'dot-none' : p < 0.05 ? 'dot-sufficient' : p < 0.25 ? 'dot-1' : p < 0.5 ? 'dot-2' : p < 0.75 ? 'dot-3' : 'dot-4');

function Where({ rows, regions, words: { t, f }, whole }: { rows: Stock[]; regions: Region[]; words: Words; whole: boolean }) {
  const [chosen, choose] = useState<Measure>('cover');
  const forecast = rows.some((s) => s.run_out != null);
  const measure = forecast ? chosen : 'cover';
  const dots = useMemo(() => {
    const at = new Map(regions.map((r) => [r.code, r]));
    return rows.flatMap((s): Dot[] => {
      const r = at.get(s.region);
      if (!r) return [];
      const told = measure === 'cover' ? `${t(`state.${s.state}`)}, ${f.decimal(s.days_of_cover)} ${t('unit.days')}` : f.percent(s.run_out);
      return [{
        id: s.region, lon: r.lon, lat: r.lat, size: s.daily_need ?? s.daily_use, to: '/regions/' + s.region,
        tone: measure === 'cover' ? `dot-${s.state}` : risk(s.run_out), label: `${s.name}: ${told}`,
      }];
    });
  }, [rows, regions, measure, t, f]);
  const legend = measure === 'cover'
    ? (['out', 'low', 'sufficient', 'over'] as const).map((s) => [`dot-${s}`, t(`state.${s}`)] as const)
    : ([['dot-sufficient', '< 5 %'], ['dot-1', '5–25 %'], ['dot-2', '25–50 %'], ['dot-3', '50–75 %'], ['dot-4', '≥ 75 %']] as const);
  return (
    <section aria-labelledby="where">
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h4" id="where">{t('overview.map')}</Title>
        {forecast && (
          <SegmentedControl
            aria-label={t('overview.measure')} value={measure} onChange={(v) => choose(v as Measure)}
            data={[{ value: 'cover', label: t('overview.cover') }, { value: 'run-out', label: t('overview.run-out') }]}
          />
        )}
      </Group>
      <PointMap dots={dots} whole={whole} title={t('overview.map')} about={t('overview.map-about', { count: f.pieces(dots.length) })} />
      <ul className="legend">{legend.map(([tone, label]) => <li key={tone}><i className={tone} />{label}</li>)}<li>{t('overview.size')}</li></ul>
    </section>
  );
}

function Action({ rows, words: { t, f }, national }: { rows: Stock[]; words: Words; national: boolean }) {
  const provinces = useRegions('province', '00');
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
  const columns = useMemo(() => stockColumns({ t, f }), [t, f]);
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
          <SegmentedControl
            aria-label={t('overview.which')} value={which} onChange={(v) => setWhich(v as 'action' | 'all')}
            data={[{ value: 'action', label: t('overview.only-action') }, { value: 'all', label: t('app.all') }]}
          />
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
