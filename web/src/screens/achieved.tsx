import { Group, Text, TextInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import { api, call, type Schemas } from '../api/client';
import { asProblem } from '../api/problem';
import { useKept, useRegions } from '../data';
import { addDays, today, type Zone } from '../format';
import { useSession } from '../session';
import { Figure } from '../shell/figure';
import { Files } from '../shell/files';
import { Page } from '../shell/page';
import { Regency } from '../shell/regency';
import { Since } from '../shell/since';
import { Sortable, type Column } from '../shell/table';
import { Loading, Trouble } from '../shell/trouble';
import { number, people } from '../visits';
import { useWords } from '../words';
import { OutreachTabs } from './plans';

type Achieved = Schemas['Achieved'];

const back = 90;

// AchievedPage is what the visits of some days brought, plan against done, by region and kind of site.
export function AchievedPage() {
  const { t, f } = useWords();
  const { region: top } = useSession();
  const now = today(top.zone as Zone);
  const [code, setCode] = useState(top.code);
  const [typed, type] = useState({ from: addDays(now, -back), until: now });
  const [days, ask] = useState(typed); // the last that were both there
  const { from, until } = days;
  const query = { region: code, from, until };
  const set = (next: typeof typed) => {
    type(next);
    if (next.from !== '' && next.until !== '') ask(next);
  };
  const whole = useKept(['achievement', code, from, until], () => call(api.GET('/api/v1/visits/achievement', { params: { query } })));
  const list = useKept(['achieved', code, from, until], () => call(api.GET('/api/v1/visits/achieved', { params: { query } })));
  const regions = useRegions('regency', code === '00' ? '00' : code.split('.')[0]!);
  const columns = useMemo((): Column<Achieved>[] => {
    const names = new Map((regions.data?.value.items ?? []).map((r) => [r.code, r.name]));
    return [
      ...(code.includes('.') ? [] : [{ key: 'region', head: t('region.region'), cell: (a: Achieved) => names.get(a.region) ?? a.region, sort: (a: Achieved) => a.region, phone: false as const }]),
      { key: 'kind', head: t('site.what'), lead: true, cell: (a) => t(`site.kind.${a.kind}`), sort: (a) => t(`site.kind.${a.kind}`) },
      { key: 'visits', head: t('achieved.planned'), cell: (a) => f.pieces(a.visits), sort: (a) => a.visits, number: true, phone: false },
      { key: 'done', head: t('achieved.done'), cell: (a) => t('plan.of', { part: f.pieces(a.done), all: f.pieces(a.visits) }), sort: (a) => a.done, number: true },
      { key: 'missed', head: t('achieved.missed'), cell: (a) => f.pieces(a.missed), sort: (a) => a.missed, number: true, phone: false },
      { key: 'recorded', head: t('achieved.recorded'), cell: (a) => people(a.recorded, f, t), sort: (a) => number(a.recorded), number: true },
      { key: 'of-planned', head: t('achieved.of-expected'), cell: (a) => f.percent(a.of_planned, 0), sort: (a) => a.of_planned, number: true, phone: false },
      { key: 'printed', head: t('achieved.printed'), cell: (a) => people(a.printed, f, t), sort: (a) => number(a.printed), number: true, phone: false },
      { key: 'akta', head: t('achieved.akta'), cell: (a) => people(a.akta, f, t), sort: (a) => number(a.akta), number: true, phone: false },
      { key: 'per-day', head: t('plan.per-team-day'), cell: (a) => f.decimal(a.per_team_day), sort: (a) => a.per_team_day, number: true },
      { key: 'km', head: t('plan.km'), cell: (a) => f.decimal(a.km_per_person, 2), sort: (a) => a.km_per_person, number: true, phone: false },
      { key: 'sessions', head: t('achieved.sessions'), cell: (a) => (a.sessions ? t('achieved.heard', { count: a.sessions, people: f.pieces(a.audience) }) : '–'), sort: (a) => a.sessions, phone: false },
    ];
  }, [t, f, code, regions.data]);
  const a = whole.data?.value;
  return (
    <Page title={t('nav.outreach')} about={t('achieved.about')}>
      <OutreachTabs />
      <Group align="flex-end" gap="xs" className="noprint">
        <Regency value={code} onChange={setCode} />
        <TextInput size="sm" type="date" label={t('achieved.from')} value={typed.from} max={typed.until} onChange={(e) => set({ ...typed, from: e.currentTarget.value })} />
        <TextInput size="sm" type="date" label={t('achieved.until')} value={typed.until} min={typed.from} max={now} onChange={(e) => set({ ...typed, until: e.currentTarget.value })} />
      </Group>
      <Text role="status" className={typed === days ? '' : 'banner offline'}>{typed === days ? '' : t('achieved.both-days', { from: f.date(from), until: f.date(until) })}</Text>
      {list.isPending ? <Loading /> : list.isLoadingError ? <Trouble problem={asProblem(list.error)} again={() => void list.refetch()} /> : (
        <>
          <Since at={list.data.since} />
          {a && (
            <section className="tiles" aria-label={t('overview.tiles')}>
              <Figure of="visits-done" label={t('achieved.done')} value={f.pieces(a.done)} note={t('plan.of-planned', { all: f.pieces(a.visits) })} asOf={f.date(until)} />
              <Figure of="visits-recorded" label={t('achieved.recorded')} value={people(a.recorded, f, t)} note={a.of_gap == null ? undefined : t('plan.of-gap', { share: f.percent(a.of_gap) })} asOf={f.date(until)} />
              <Figure of="per-team-day" label={t('plan.per-team-day')} value={f.decimal(a.per_team_day)} note={a.nearest_first.achieved_ratio == null ? undefined : t('plan.ratio', { ratio: f.decimal(a.nearest_first.achieved_ratio, 2) })} asOf={f.date(until)} />
              <Figure of="km-per-person" label={t('plan.km')} value={f.decimal(a.km_per_person, 2)} note={a.vulnerable_share == null ? undefined : t('plan.vulnerable', { share: f.percent(a.vulnerable_share, 0) })} asOf={f.date(until)} />
            </section>
          )}
          <Sortable caption={t('achieved.list')} rows={list.data.value.items ?? []} columns={columns} id={(x) => `${x.region} ${x.kind}`} empty={t('achieved.none')} first={{ key: 'recorded', down: true }} tall />
          <Files of="visits.achieved" name={t('achieved.list')} query={query} />
        </>
      )}
    </Page>
  );
}
