import { Anchor, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { api, call } from '../api/client';
import { asProblem } from '../api/problem';
import { useKept, useStock } from '../data';
import type { Zone } from '../format';
import { useSession } from '../session';
import { Figure } from '../shell/figure';
import { Page } from '../shell/page';
import { Since } from '../shell/since';
import { Loading, Trouble } from '../shell/trouble';
import { isOpen, useVisits } from '../visits';
import { useWords } from '../words';
import { isMine, piecesOf, useCarriedShipments, useShipments } from './shipments';

const tones: Record<string, string> = { out: 'bad', low: 'warn', sufficient: 'good', over: '' };

// OfficeHome is where an office begins its day: how long the stock lasts, and what waits to be done.
export function OfficeHome() {
  const { region, today } = useSession();
  const { t, f } = useWords();
  const stock = useStock(region.level === 'district' ? 'district' : 'regency', region.code);
  if (stock.isPending) return <Loading />;
  if (stock.isLoadingError) return <Trouble problem={asProblem(stock.error)} again={() => void stock.refetch()} />;
  const s = stock.data.value.items?.[0];
  const asOf = f.instant(stock.data.value.as_of, region.zone as Zone);
  return (
    <Page title={t('nav.office')} about={f.date(today)}>
      <Since at={stock.data.since} />
      {s && (
        <>
          <Text className="lead">
            {s.on_hand === 0 ? t('office.empty') : s.days_of_cover == null ? t('office.unused', { pieces: f.pieces(s.on_hand) }) : t('office.lasts', { days: f.pieces(Math.floor(s.days_of_cover)) })}
          </Text>
          <section className="tiles" aria-label={t('overview.tiles')}>
            <Figure of="on-hand" label={t('region.on-hand')} value={f.pieces(s.on_hand)} note={t('unit.pieces')} asOf={asOf} tone={tones[s.state]} />
            <Figure of="days-of-cover" label={t('region.days')} value={f.decimal(s.days_of_cover)} note={t('unit.days')} asOf={asOf} />
            <Figure of="run-out" label={t('region.run-out')} value={f.percent(s.run_out, 0)} note={s.run_out_p50 ? t('region.run-out-by', { day: f.shortDate(s.run_out_p50) }) : undefined} asOf={asOf} />
            <Figure of="in-transit" label={t('region.transit')} value={f.pieces(s.in_transit)} note={t('unit.pieces')} asOf={asOf} />
          </section>
        </>
      )}
      <Today low={s?.state === 'low' || s?.state === 'out'} />
      <Coming />
    </Page>
  );
}

// Today is what waits to be done: days to report, shipments to receive.
function Today({ low }: { low: boolean }) {
  const { region, today, may } = useSession();
  const { t, f } = useWords();
  const month = today.slice(0, 7);
  const reports = may('uses.report');
  const goes = may('visits.report');
  const visits = useVisits(goes);
  const going = (visits.data?.value.items ?? []).filter((v) => v.published && v.day === today && isOpen(v));
  const calendar = useKept(['calendar', region.code, month], () => call(api.GET('/api/v1/uses/calendar', { params: { query: { region: region.code, month } } })), reports);
  const coming = useShipments('dispatched');
  const days = calendar.data?.value.items ?? [];
  const missing = days.filter((d) => d.missing);
  const due = days.some((d) => d.date === today && d.business && !d.reported);
  const overdue = (coming.data?.value.items ?? []).filter((s) => s.overdue);
  const tasks = [
    ...(going[0] ? [{ to: '/visits', text: t('office.visits', { count: going.length, hour: f.hour(going[0].starts_at, going[0].zone as Zone), site: going[0].site_name }) }] : []),
    ...(low && may('requests.ask') && region.level === 'regency' ? [{ to: '/requests/new', text: t('office.ask') }] : []),
    ...(due ? [{ to: '/use', text: t('office.report-today') }] : []),
    ...(missing.length ? [{ to: '/use', text: t('office.report-missing', { count: missing.length }) }] : []),
    ...overdue.map((s) => ({ to: `/shipments/${s.id}`, text: t('office.overdue', { document: s.document, pieces: f.pieces(piecesOf(s)), day: f.shortDate(s.expected_on) }) })),
  ];
  if (!reports && !goes) return null;
  return (
    <section aria-labelledby="today">
      <Title order={2} size="h4" id="today" mb="xs">{t('office.today')}</Title>
      {tasks.length === 0 ? <Text>{t('office.nothing')}</Text> : (
        <ul className="tasks">{tasks.map((task) => <li key={task.text}><Anchor component={Link} to={task.to}>{task.text}</Anchor></li>)}</ul>
      )}
    </section>
  );
}

// Coming is what is on its way here.
function Coming() {
  const { region } = useSession();
  const { t, f } = useWords();
  const coming = useShipments('dispatched');
  const rows = (coming.data?.value.items ?? []).filter((s) => isMine(s.to, region));
  useCarriedShipments(rows);
  return (
    <section aria-labelledby="coming">
      <Title order={2} size="h4" id="coming" mb="xs">{t('office.coming')}</Title>
      {rows.length === 0 ? <Text>{t('office.none-coming')}</Text> : (
        <ul className="tasks">
          {rows.map((s) => (
            <li key={s.id}><Anchor component={Link} to={`/shipments/${s.id}`}>{t('office.parcel', { document: s.document, pieces: f.pieces(piecesOf(s)), day: f.shortDate(s.expected_on) })}</Anchor></li>
          ))}
        </ul>
      )}
    </section>
  );
}
