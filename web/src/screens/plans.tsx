import { Anchor, Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { api, call, type Schemas } from '../api/client';
import { asProblem } from '../api/problem';
import { pages, useKept } from '../data';
import { addDays, today, type Zone } from '../format';
import { useSession } from '../session';
import { Figure, State } from '../shell/figure';
import { Files } from '../shell/files';
import { Page } from '../shell/page';
import { Since } from '../shell/since';
import { Sortable, type Column } from '../shell/table';
import { Tabs } from '../shell/tabs';
import { Loading, Trouble } from '../shell/trouble';
import { people } from '../visits';
import { useWords } from '../words';

export type Plan = Schemas['Plan'];

// OutreachTabs are the screens of the desk.
export function OutreachTabs() {
  const { t } = useWords();
  const { may } = useSession();
  return (
    <Tabs
      label={t('nav.outreach')}
      tabs={[['/outreach', t('plan.title')], ['/outreach/sites', t('site.title')], ...(may('coverage.read') ? [['/outreach/gaps', t('gap.title')] as const] : []), ['/outreach/results', t('achieved.title')]]}
    />
  );
}

export const daysOf = (p: Plan) => Array.from({ length: p.days }, (_, i) => addDays(p.from, i));

export const span = (p: Plan, f: ReturnType<typeof useWords>['f']) => (p.days === 1 ? f.shortDate(p.from) : `${f.shortDay(p.from)} – ${f.shortDate(addDays(p.from, p.days - 1))}`);

// PlansPage is the desk: what visits brought so far, and the plans.
export function PlansPage() {
  const { t, f } = useWords();
  const { region, may } = useSession();
  const list = useKept(['plans', region.code], () => pages((cursor) => call(api.GET('/api/v1/plans', { params: { query: { region: region.level === 'nation' ? undefined : region.code, limit: 500, cursor } } }))));
  const columns = useMemo((): Column<Plan>[] => [
    { key: 'name', head: t('plan.one'), cell: (p) => <Anchor component={Link} to={`/outreach/${p.id}`} inherit>{p.name}</Anchor>, sort: (p) => p.name },
    { key: 'state', head: t('region.state'), cell: (p) => <State state={p.state} of="plan.state" />, sort: (p) => p.state },
    { key: 'days', head: t('plan.days'), cell: (p) => span(p, f), sort: (p) => p.from },
    { key: 'visits', head: t('plan.visits'), cell: (p) => f.pieces(p.outcome.visits), sort: (p) => p.outcome.visits, number: true },
    { key: 'expected', head: t('plan.expected'), cell: (p) => f.pieces(p.outcome.expected), sort: (p) => p.outcome.expected, number: true, phone: false },
    { key: 'blanks', head: t('plan.blanks'), cell: (p) => t('plan.of', { part: f.pieces(p.outcome.blanks.reserved), all: f.pieces(p.outcome.blanks.needed) }), sort: (p) => p.outcome.blanks.reserved, number: true, phone: false },
    { key: 'per-day', head: t('plan.per-team-day'), cell: (p) => f.decimal(p.outcome.per_team_day), sort: (p) => p.outcome.per_team_day, number: true, phone: false },
  ], [t, f]);
  return (
    <Page title={t('nav.outreach')} about={t('plan.about')} actions={may('visits.plan') && region.level === 'regency' && <Button component={Link} to="/outreach/new">{t('plan.make')}</Button>}>
      <OutreachTabs />
      <Brought />
      {list.isPending ? <Loading /> : list.isLoadingError ? <Trouble problem={asProblem(list.error)} again={() => void list.refetch()} /> : (
        <>
          <Since at={list.data.since} />
          <Sortable caption={t('plan.list')} rows={list.data.value.items} columns={columns} id={(p) => p.id} empty={t('plan.none')} tall />
          <Files of="plans" name={t('plan.list')} query={{ region: region.level === 'nation' ? undefined : region.code }} />
        </>
      )}
    </Page>
  );
}

const back = 90;

// Brought is what the visits of the last months brought, beside what there is still to bring.
function Brought() {
  const { t, f } = useWords();
  const { region } = useSession();
  const now = today(region.zone as Zone);
  const from = addDays(now, -back);
  const sum = useKept(['achievement', region.code, from], () => call(api.GET('/api/v1/visits/achievement', { params: { query: { region: region.code, from, until: now } } })), region.level !== 'district');
  const a = sum.data?.value;
  if (!a) return null;
  const asOf = f.date(now);
  return (
    <section className="tiles" aria-label={t('plan.brought', { days: back })}>
      <Figure of="visits-done" label={t('plan.done')} value={f.pieces(a.done)} note={t('plan.of-planned', { all: f.pieces(a.visits) })} asOf={asOf} />
      <Figure of="visits-recorded" label={t('plan.recorded')} value={people(a.recorded, f, t)} note={a.of_gap == null ? undefined : t('plan.of-gap', { share: f.percent(a.of_gap) })} asOf={asOf} />
      <Figure of="per-team-day" label={t('plan.per-team-day')} value={f.decimal(a.per_team_day)} note={a.nearest_first.achieved_ratio == null ? undefined : t('plan.ratio', { ratio: f.decimal(a.nearest_first.achieved_ratio, 2) })} asOf={asOf} />
      <Figure of="gap-recording" label={t('gap.remaining')} value={f.pieces(a.gap)} note={t('unit.people')} asOf={asOf} />
    </section>
  );
}
