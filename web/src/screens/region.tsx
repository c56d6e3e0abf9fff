import { Anchor, Text, Title } from '@mantine/core';
import { Link, useParams } from '@tanstack/react-router';
import { useMemo, type ReactNode } from 'react';
import { api, call, type Schemas } from '../api/client';
import { asProblem } from '../api/problem';
import { Bars } from '../charts/bars';
import { Fan, type Step } from '../charts/fan';
import { useKept, useRegion, useStock, type Stock } from '../data';
import { addDays, today, type Zone } from '../format';
import { useSession } from '../session';
import { Figure, State } from '../shell/figure';
import { Page } from '../shell/page';
import { Since } from '../shell/since';
import { Sortable, type Column } from '../shell/table';
import { Loading, Trouble } from '../shell/trouble';
import type { Visit } from '../visits';
import { useWords } from '../words';
import { Demand } from './demand';
import { stockColumns } from './overview';
import { piecesOf } from './shipments';

// RegionPage is all there is to know of one kabupaten/kota or province.
export function RegionPage() {
  const { code } = useParams({ strict: false }) as { code: string };
  const { t, f } = useWords();
  const { region: top, may } = useSession();
  const region = useRegion(code);
  const above = region.data?.value.parent ?? '';
  const parent = useRegion(above, above !== '' && top.code !== code);
  const level: Level = region.data?.value.level === 'province' ? 'province' : region.data?.value.level === 'district' ? 'district' : 'regency';
  const stock = useStock(level, code);
  if (region.isPending || stock.isPending) return <Loading />;
  if (region.isLoadingError) return <Trouble problem={asProblem(region.error)} again={() => void region.refetch()} />;
  if (stock.isLoadingError) return <Trouble problem={asProblem(stock.error)} again={() => void stock.refetch()} />;
  const r = region.data.value;
  const zone = r.zone as Zone;
  const s = stock.data.value.items?.[0];
  const asOf = f.instant(stock.data.value.as_of, zone);
  const up = parent.data && parent.data.value.level !== 'nation' ? { to: '/regions/' + parent.data.value.code, label: parent.data.value.name } : { to: '/', label: t('lost.home-short') };
  return (
    <Page title={r.name} state={s && <State state={s.state} />} about={t('region.code', { code: r.code, zone: r.zone })} up={up}>
      <Since at={stock.data.since} />
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
      {level === 'province' ? <Demand region={code} title={t('demand.region')} /> : <Curves code={code} until={today(zone)} stock={s} regency={level === 'regency'} />}
      <div className="two">
        {may('requests.read') && <Requests code={code} zone={zone} level={level} />}
        {may('shipments.read') && <Shipments code={code} level={level} />}
        {may('coverage.read') && <Coverage code={code} level={level} />}
        {may('outreach.read') && <Visits code={code} level={level} />}
      </div>
      {may('moves.read') && <Trail code={code} level={level} />}
      <Below code={code} level={level} />
    </Page>
  );
}

const back = 90;
const ahead = 45;

// Curves draw the shelf, day by day, and how it is foreseen to empty; and what was handed out.
function Curves({ code, until, stock, regency }: { code: string; until: string; stock?: Stock; regency: boolean }) {
  const { t, f } = useWords();
  const from = addDays(until, 1 - back);
  const history = useKept(['history', code, from], () => call(api.GET('/api/v1/stock/history', { params: { query: { region: code, by: 'day', from, to: until } } })));
  const needs = useKept(['needs', code], () => call(api.GET('/api/v1/needs', { params: { query: { region: code } } })), regency);
  const shelf = useKept(['shelf', code], () => call(api.GET('/api/v1/forecasts/{region}/shelf', { params: { path: { region: code } } })), regency);
  const need = needs.data?.value.items?.find((n) => n.item === 'ktp-el');
  const days = history.data?.value.items;
  const steps = useMemo((): Step[] => {
    const past = (days ?? []).map((d): Step => ({ key: d.date, label: f.date(d.date), tick: f.shortDay(d.date), past: d.on_hand }));
    const last = past.at(-1);
    const told = (shelf.data?.value.curve ?? []).filter((d) => d.day > until && d.mean !== null);
    if (!last || !told.length) return past;
    Object.assign(last, { mean: last.past, in80: [last.past, last.past] });
    return [...past, ...told.map((d): Step => ({ key: d.day, label: f.date(d.day), tick: f.shortDay(d.day), mean: d.mean!, in80: [Math.min(d.p10 ?? 0, d.mean!), Math.max(d.p90 ?? 0, d.mean!)] }))];
  }, [days, shelf.data, until, f]);
  if (history.isPending) return <Loading />;
  if (history.isLoadingError) return <Trouble problem={asProblem(history.error)} again={() => void history.refetch()} />;
  const bars = (days ?? []).slice(-60).map((d) => ({ key: d.date, label: f.date(d.date), tick: f.shortDay(d.date), value: d.used }));
  const used = bars.reduce((n, b) => n + b.value, 0);
  const empty = need?.run_out_p50;
  return (
    <>
      <Fan
        title={t('region.curve')} unit={t('unit.pieces')} past={t('region.on-hand')} steps={steps} help="stock-curve" asOf={need && f.date(need.as_of)}
        about={empty ? t('region.curve-about-empty', { now: f.pieces(stock?.on_hand), day: f.date(empty) }) : t('region.curve-about', { now: f.pieces(stock?.on_hand) })}
        mark={empty && empty <= addDays(until, ahead) ? { key: empty, label: t('region.empty-by', { day: f.shortDay(empty) }) } : undefined}
      />
      <div className="two">
        {used === 0 ? <Text>{t('region.no-use', { days: bars.length })}</Text> : (
          <Bars title={t('region.use')} about={t('region.use-about', { days: bars.length, total: f.pieces(used) })} unit={t('unit.pieces')} bars={bars} help="use" asOf={f.date(until)} />
        )}
        {regency && <Demand region={code} title={t('demand.region')} />}
      </div>
    </>
  );
}

// Part is a short list about the region, with the way to all of it.
function Part<T>({ title, all, rows, columns, id, empty }: { title: string; all?: { to: string; label: string }; rows: T[] | null | undefined; columns: Column<T>[]; id: (row: T) => string | number; empty: string }) {
  return (
    <section aria-label={title} className="part">
      <Title order={2} size="h4" mb="xs">{title}</Title>
      <Sortable caption={title} rows={rows ?? []} columns={columns} id={id} empty={empty} />
      {all && (rows?.length ?? 0) > 0 && <Anchor component={Link} to={all.to} className="noprint more">{all.label}</Anchor>}
    </section>
  );
}

const few = 6;

type Level = 'province' | 'regency' | 'district';

function Requests({ code, zone, level }: { code: string; zone: Zone; level: Level }) {
  const { t, f } = useWords();
  const list = useKept(['requests', 'of', code], () => call(api.GET('/api/v1/requests', { params: { query: { region: code, limit: few } } })));
  return (
    <Part
      title={t('nav.requests')} rows={list.data?.value.items} id={(r) => r.id} empty={t('request.none')} all={{ to: '/requests', label: t('app.see-all') }}
      columns={[
        ...(level === 'province' ? [{ key: 'region', head: t('region.region'), cell: (r: Schemas['Request']) => r.name }] : []),
        { key: 'at', head: t('request.submitted'), cell: (r) => <Anchor component={Link} to={`/requests/${r.id}`} inherit>{f.shortDate(today(zone, new Date(r.submitted_at ?? r.created_at)))}</Anchor> },
        { key: 'state', head: t('region.state'), cell: (r) => <State state={r.state} of="request.state" /> },
        { key: 'asked', head: t('request.asked'), cell: (r) => f.pieces(r.asked), number: true },
        ...(level === 'province' ? [] : [{ key: 'approved', head: t('request.approved'), cell: (r: Schemas['Request']) => f.pieces(r.approved), number: true }]),
      ]}
    />
  );
}

function Shipments({ code, level }: { code: string; level: Level }) {
  const { t, f } = useWords();
  const list = useKept(['shipments', 'of', code], () => call(api.GET('/api/v1/shipments', { params: { query: { to: code, limit: few } } })));
  return (
    <Part
      title={t('nav.shipments')} rows={list.data?.value.items} id={(s) => s.id} empty={t('shipment.none')} all={{ to: '/shipments', label: t('app.see-all') }}
      columns={[
        { key: 'document', head: t('shipment.document'), cell: (s) => <Anchor component={Link} to={`/shipments/${s.id}`} inherit>{s.document}</Anchor> },
        ...(level === 'province' ? [{ key: 'to', head: t('region.region'), cell: (s: Schemas['Shipment']) => s.to_name }] : []),
        { key: 'state', head: t('region.state'), cell: (s) => s.overdue ? <State state="overdue" of="shipment" /> : <State state={s.state} of="shipment.state" /> },
        ...(level === 'province' ? [] : [{ key: 'pieces', head: t('shipment.pieces'), cell: (s: Schemas['Shipment']) => f.pieces(piecesOf(s)), number: true }]),
        { key: 'expected', head: t('shipment.expected'), cell: (s) => f.shortDate(s.received_on ?? s.expected_on) },
      ]}
    />
  );
}

const subjects = ['recording', 'card', 'birth-certificate', 'child-card', 'digital-id'] as const;

// Coverage is the last figure of each subject.
function Coverage({ code, level }: { code: string; level: Level }) {
  const { t, f } = useWords();
  const list = useKept(['coverage', 'of', code], () => call(api.GET('/api/v1/coverage', { params: { query: { region: code, level, group: 'all', limit: 100 } } })));
  const rows = useMemo(() => {
    const own = (list.data?.value.items ?? []).filter((c) => c.region === code && c.group === '').sort((a, b) => b.as_of.localeCompare(a.as_of));
    return subjects.flatMap((subject) => own.find((c) => c.subject === subject) ?? []);
  }, [list.data, code]);
  const share = (c: Schemas['Figure']) => (c.people && c.have != null ? c.have / c.people : c.percent != null ? c.percent / 100 : null);
  return (
    <Part
      title={t('region.coverage')} rows={rows} id={(c) => c.id} empty={t('region.no-coverage')}
      columns={[
        { key: 'subject', head: t('region.subject'), cell: (c) => t(`subject.${c.subject}`) },
        { key: 'percent', head: t('region.covered'), cell: (c) => f.percent(share(c)), number: true },
        { key: 'lack', head: t('region.lack'), cell: (c) => f.pieces(c.lack), number: true },
        { key: 'as-of', head: t('region.as-of'), cell: (c) => f.shortDate(c.as_of) },
      ]}
    />
  );
}

const lately = 14; // days
const most = 1000; // visits looked through

// nearest are the visits that come next, and after them those that were last.
export function nearest(visits: Visit[], now: string): Visit[] {
  const past = visits.filter((v) => v.day < now);
  return [...visits.filter((v) => v.day >= now).slice(0, few), ...past.slice(-few).reverse()];
}

// visitsOf asks for the visits around a day. A kecamatan has no teams of its own: there it is the visits to its sites.
async function visitsOf(code: string, level: Level, own: boolean, now: string): Promise<Visit[]> {
  const ask = (query: { region?: string; from: string; until?: string; limit: number }) => call(api.GET('/api/v1/visits', { params: { query } })).then((page) => page.items ?? []);
  const from = addDays(now, -lately), yesterday = addDays(now, -1);
  if (level !== 'district' || own) {
    const region = level === 'district' ? undefined : code;
    const [coming, past] = await Promise.all([ask({ region, from: now, limit: few }), ask({ region, from: level === 'province' ? yesterday : from, until: yesterday, limit: most })]);
    return nearest([...past, ...coming], now);
  }
  const [sites, around] = await Promise.all([
    call(api.GET('/api/v1/sites', { params: { query: { region: code, limit: most } } })), ask({ region: code.split('.').slice(0, 2).join('.'), from, until: addDays(now, lately), limit: most }),
  ]);
  const here = new Set((sites.items ?? []).map((s) => s.id));
  return nearest(around.filter((v) => here.has(v.site)), now);
}

function Visits({ code, level }: { code: string; level: Level }) {
  const { t, f } = useWords();
  const { today: now, region: top } = useSession();
  const list = useKept(['visits', 'of', code], () => visitsOf(code, level, top.code === code, now));
  return (
    <Part
      title={t('region.visits')} rows={list.data?.value} id={(v) => v.id} empty={t('region.no-visits')}
      columns={[
        { key: 'day', head: t('chart.when'), cell: (v) => f.shortDate(v.day) },
        { key: 'site', head: t('region.site'), cell: (v) => <Anchor component={Link} to={`/visits/${v.id}`} inherit>{v.site_name || t('visit.elsewhere')}</Anchor> },
        { key: 'state', head: t('region.state'), cell: (v) => <State state={v.state} of="visit.state" /> },
        { key: 'blanks', head: t('region.blanks'), cell: (v) => f.pieces(v.blanks), number: true },
      ]}
    />
  );
}

// Trail is what moved in and out of the office or service point of a region last.
function Trail({ code, level }: { code: string; level: Level }) {
  const { t, f } = useWords();
  const kind = level === 'district' ? 'service' : level;
  const places = useKept(['places', 'office', code], () => call(api.GET('/api/v1/places', { params: { query: { region: code, kind, limit: 1 } } })));
  const office = places.data?.value.items?.[0];
  const moves = useKept(['moves', office?.id ?? 0], () => call(api.GET('/api/v1/moves', { params: { query: { place: office!.id, limit: 12 } } })), !!office);
  if (!office) return null;
  // What came in, and what went out, of the shelf of the office; 0 where something else than the shelf changed.
  const change = (m: Schemas['Move'], place: number) => {
    const at = (end: { place: number; condition: string }) => end.place === place && end.condition === 'usable';
    const n = (m.lines ?? []).reduce((sum, l) => sum + (at(l.to) ? l.pieces : 0) - (at(l.from) ? l.pieces : 0), 0);
    return n > 0 ? '+' + f.pieces(n) : n < 0 ? '−' + f.pieces(-n) : f.pieces(0);
  };
  return (
    <Part
      title={t('region.trail')} rows={moves.data?.value.items} id={(m) => m.id} empty={t('app.nothing')}
      columns={[
        { key: 'day', head: t('chart.when'), cell: (m) => f.shortDate(m.date) },
        { key: 'kind', head: t('region.move'), cell: (m) => t(`move.${m.kind}`) },
        { key: 'pieces', head: t('region.change'), cell: (m) => change(m, office.id), number: true },
        { key: 'document', head: t('region.document'), cell: (m) => m.document },
        { key: 'actor', head: t('region.actor'), cell: (m) => m.actor, phone: false },
      ]}
    />
  );
}

// Below lists the parts of a province or kabupaten/kota with their stock.
function Below({ code, level }: { code: string; level: string }): ReactNode {
  const { t, f } = useWords();
  const below = level === 'province' ? 'regency' : 'district';
  const stock = useStock(below, code);
  const columns = useMemo(() => stockColumns({ t, f }).filter((c) => below === 'regency' || ['name', 'on_hand', 'days', 'need'].includes(c.key)), [t, f, below]);
  // A kecamatan without a service point keeps no stock.
  const rows = (stock.data?.value.items ?? []).filter((s) => below === 'regency' || s.on_hand + s.daily_use + s.spoiled + s.in_transit > 0);
  if (level === 'district' || rows.length === 0) return null;
  return (
    <section aria-labelledby="below">
      <Title order={2} size="h4" id="below" mb="xs">{t(`region.parts-${below}`)}</Title>
      <Sortable caption={t(`region.parts-${below}`)} rows={rows} columns={columns} id={(s) => s.region} first={{ key: 'name' }} tall />
    </section>
  );
}
