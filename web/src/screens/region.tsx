import { Anchor, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useMemo } from 'react';
import { api, call } from '../api/client';
import { asProblem } from '../api/problem';
import { Bars } from '../charts/bars';
import { useKept, useStock } from '../data';
import { addDays, today, type Zone } from '../format';
import { useSession } from '../session';
import { Figure, State } from '../shell/figure';
import { Sortable } from '../shell/table';
import { Loading, Trouble } from '../shell/trouble';
import { useWords } from '../words';
import { stockColumns } from './overview';

const days = 60;

// RegionPage is all there is to know of one kabupaten/kota or province.
export function RegionPage() {
  const { code } = useParams({ strict: false }) as { code: string };
  const { t, f } = useWords();
  const { region: top } = useSession();
  const region = useQuery({
    queryKey: ['region', code], queryFn: () => call(api.GET('/api/v1/regions/{code}', { params: { path: { code } } })), staleTime: 60 * 60_000,
  });
  const parent = useQuery({
    queryKey: ['region', region.data?.parent],
    enabled: !!region.data?.parent && top.code !== code,
    queryFn: () => call(api.GET('/api/v1/regions/{code}', { params: { path: { code: region.data!.parent } } })), staleTime: 60 * 60_000,
  });
  const level = region.data?.level === 'province' ? 'province' : region.data?.level === 'district' ? 'district' : 'regency';
  const stock = useStock(level, code);
  if (region.isPending || stock.isPending) return <Loading />;
  if (region.isError) return <Trouble problem={asProblem(region.error)} again={() => void region.refetch()} />;
  if (stock.isError) return <Trouble problem={asProblem(stock.error)} again={() => void stock.refetch()} />;
  const r = region.data;
  const s = stock.data.value.items?.[0];
  const asOf = f.instant(stock.data.value.as_of, r.zone as Zone);
  return (
    <Stack>
      <div>
        {parent.data && parent.data.level !== 'nation' && <Anchor component={Link} to={'/regions/' + parent.data.code}>{parent.data.name}</Anchor>}
        <Title order={1} size="h2">{r.name} {s && <State state={s.state} />}</Title>
        <Text c="dimmed">{t('region.code', { code: r.code, zone: r.zone })}</Text>
      </div>
      {s && (
        <section className="tiles" aria-label={t('overview.tiles')}>
          <Figure of="on-hand" label={t('region.on-hand')} value={f.pieces(s.on_hand)} note={t('unit.pieces')} asOf={asOf} />
          <Figure of="days-of-cover" label={t('region.days')} value={f.decimal(s.days_of_cover)} note={t('unit.days')} asOf={asOf} />
          <Figure of="daily-need" label={t('region.need')} value={f.decimal(s.daily_need ?? s.daily_use)} note={t('unit.per-day')} asOf={asOf} />
          <Figure of="run-out" label={t('region.run-out')} value={f.percent(s.run_out, 0)} note={s.run_out_p50 ? t('region.run-out-by', { day: f.shortDate(s.run_out_p50) }) : undefined} asOf={asOf} />
          <Figure of="in-transit" label={t('region.transit')} value={f.pieces(s.in_transit)} note={t('unit.pieces')} asOf={asOf} />
          <Figure of="spoiled" label={t('region.spoiled')} value={f.pieces(s.spoiled)} note={t('unit.pieces')} asOf={asOf} />
        </section>
      )}
      {level !== 'province' && <Use code={code} until={today(r.zone as Zone)} />}
      <Below code={code} level={level} />
    </Stack>
  );
}

// Use draws what was handed out, day by day.
function Use({ code, until }: { code: string; until: string }) {
  const { t, f } = useWords();
  const from = addDays(until, 1 - days);
  const uses = useKept(['uses', code, from], () => call(api.GET('/api/v1/uses', { params: { query: { region: code, from, to: until, limit: 1000 } } })));
  const bars = useMemo(() => {
    const sums = new Map<string, number>();
    for (const u of uses.data?.value.items ?? []) if (!u.corrected && u.item === 'ktp-el') sums.set(u.date, (sums.get(u.date) ?? 0) + u.pieces);
    return Array.from({ length: days }, (_, i) => {
      const day = addDays(from, i);
      return { key: day, label: f.date(day), tick: f.shortDate(day).replace(/ \d{4}$/, ''), value: sums.get(day) ?? 0 };
    });
  }, [uses.data, from, f]);
  if (uses.isPending) return <Loading />;
  if (uses.isError) return <Trouble problem={asProblem(uses.error)} again={() => void uses.refetch()} />;
  const total = bars.reduce((n, b) => n + b.value, 0);
  return (
    <section aria-labelledby="use">
      <Title order={2} size="h4" id="use">{t('region.use')}</Title>
      {total === 0 ? <Text>{t('region.no-use', { days })}</Text> : (
        <Bars title={t('region.use')} about={t('region.use-about', { days, total: f.pieces(total) })} unit={t('unit.pieces')} bars={bars} />
      )}
    </section>
  );
}

// Below lists the parts of a province or kabupaten/kota with their stock.
function Below({ code, level }: { code: string; level: string }) {
  const { t, f } = useWords();
  const below = level === 'province' ? 'regency' : 'district';
  const stock = useStock(below, code);
  const columns = useMemo(() => stockColumns({ t, f }).filter((c) => below === 'regency' || ['name', 'on_hand', 'days', 'need'].includes(c.key)), [t, f, below]);
  const rows = stock.data?.value.items ?? [];
  if (level === 'district' || rows.length === 0) return null;
  return (
    <section aria-labelledby="below">
      <Title order={2} size="h4" id="below">{t(`region.parts-${below}`)}</Title>
      <Sortable caption={t(`region.parts-${below}`)} rows={rows} columns={columns} id={(s) => s.region} first={{ key: 'name' }} tall />
    </section>
  );
}
