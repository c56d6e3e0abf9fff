import { Anchor, Button, Group, NativeSelect, Stack, Text, Textarea, TextInput, Title } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useMemo, useRef, useState, type RefObject } from 'react';
import { api, call, onto, type Schemas } from '../api/client';
import { asProblem } from '../api/problem';
import { Chart } from '../charts/chart';
import { pages, useKept, useRegions } from '../data';
import { useDeed } from '../deed';
import { today, type Zone } from '../format';
import { colours, framed, PlanDrawing, type Out, type Way } from '../maps/plan';
import { useSession } from '../session';
import { Confirm } from '../shell/confirm';
import { Dialog } from '../shell/dialog';
import { Figure, State } from '../shell/figure';
import { Files } from '../shell/files';
import { Page } from '../shell/page';
import { Since } from '../shell/since';
import { Stale } from '../shell/stale';
import { Sortable, type Column } from '../shell/table';
import { Loading, Summary, Trouble, useFieldError } from '../shell/trouble';
import { isOpen, people, type Visit } from '../visits';
import { useWords } from '../words';
import { Adjust, Done, going, type Deed, type Taken } from './adjust';
import { Board } from './board';
import { visitFacts } from './conflict';
import { why } from './omit';
import { daysOf, span, type Plan } from './plans';
import { hours } from './visits';

type Omitted = Schemas['Omitted'];
type Team = Schemas['Team'];

// PlanPage is one plan: what it is worth, where its teams go day by day, and why each place left out is left out.
export function PlanPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const { t, f } = useWords();
  const { may } = useSession();
  const plan = useKept(['plan', id], () => call(api.GET('/api/v1/plans/{id}', { params: { path: { id: Number(id) } } })));
  const code = plan.data?.value.region ?? '';
  const [taken, hold] = useState<Taken | null>(null); // in hand
  const from = useRef<Element | null>(null); // where it was taken, and where the focus goes back to
  const held = useRef<Taken | null>(null); // while it is dragged
  const [did, tell] = useState<Deed | null>(null);
  const teams = useKept(['teams', code], () => call(api.GET('/api/v1/teams', { params: { query: { region: code, limit: 1000 } } })), code !== '');
  const take = (what: Taken) => {
    from.current = document.activeElement;
    hold(what);
  };
  const back = () => setTimeout(() => from.current instanceof HTMLElement && from.current.focus());
  if (plan.isPending) return <Loading />;
  if (plan.isLoadingError) return <Trouble problem={asProblem(plan.error)} again={() => void plan.refetch()} />;
  const p = plan.data.value;
  const known = teams.data?.value.items ?? [];
  const adjusts = may('visits.plan') && (p.state === 'proposed' || p.state === 'published') ? take : undefined;
  return (
    <Page
      title={p.name} state={<State state={p.state} of="plan.state" />} up={{ to: '/outreach', label: t('nav.outreach') }}
      about={<>{span(p, f)} · {t('plan.made', { actor: p.created_by === 'system' ? t('history.system') : p.created_by, when: f.instant(p.created_at, p.zone as Zone) })}</>}
    >
      <Since at={plan.data.since} />
      {may('visits.plan') && (p.state === 'proposed' || p.state === 'published') && <Steps plan={p} teams={known} />}
      <Worth plan={p} />
      <Where plan={p} teams={known} />
      {did && <Done plan={p} deed={did} undone={() => { tell(null); back(); }} />}
      <Visits plan={p} take={adjusts} />
      <Board plan={p} teams={known} held={held} take={adjusts} />
      <LeftOut plan={p} teams={known} held={held} take={adjusts} />
      {taken && <Adjust key={JSON.stringify(taken)} plan={p} teams={known} taken={taken} close={() => { hold(null); back(); }} done={(d) => { tell(d); hold(null); }} />}
      <Papers plan={p} />
    </Page>
  );
}

function Worth({ plan: p }: { plan: Plan }) {
  const { t, f } = useWords();
  const o = p.outcome;
  const asOf = f.instant(p.created_at, p.zone as Zone);
  return (
    <section className="tiles" aria-label={t('overview.tiles')}>
      <Figure of="plan-visits" label={t('plan.visits')} value={f.pieces(o.visits)} note={t('plan.team-days', { count: o.team_days })} asOf={asOf} />
      <Figure of="plan-expected" label={t('plan.expected')} value={f.pieces(o.expected)} note={t('plan.vulnerable', { share: f.percent(o.vulnerable_share, 0) })} asOf={asOf} />
      <Figure
        of="plan-blanks" label={t('plan.blanks')} value={t('plan.of', { part: f.pieces(o.blanks.reserved), all: f.pieces(o.blanks.needed) })} asOf={asOf} tone={o.blanks.short > 0 ? 'warn' : ''}
        note={o.blanks.record_only > 0 ? t('plan.record-only', { count: o.blanks.record_only }) : t('unit.pieces')}
      />
      <Figure of="per-team-day" label={t('plan.per-team-day')} value={f.decimal(o.per_team_day)} note={o.nearest_first.ratio > 0 ? t('plan.ratio', { ratio: f.decimal(o.nearest_first.ratio, 2) }) : undefined} asOf={asOf} />
      <Figure of="km-per-person" label={t('plan.km')} value={f.decimal(o.km_per_person, 2)} note={t(`plan.travel.${o.travel_times}`)} asOf={asOf} />
    </section>
  );
}

// Where draws the plan, all of it or one day or team.
function Where({ plan: p, teams }: { plan: Plan; teams: Team[] }) {
  const { t, f } = useWords();
  const visits = useMemo(() => (p.visits ?? []).filter((v) => v.state !== 'cancelled' && v.state !== 'missed'), [p]);
  const days = [...new Set(visits.map((v) => v.day))].sort();
  const names = useMemo(() => [...new Map(visits.map((v) => [v.team, v.team_name]))], [visits]);
  const [day, setDay] = useState('');
  const [team, setTeam] = useState(0);
  const districts = useRegions('district', p.region);
  const sites = useKept(['sites', 'of', p.region], () => pages((cursor) => call(api.GET('/api/v1/sites', { params: { query: { region: p.region, limit: 1000, cursor } } }))));
  const ways = useMemo((): Way[] => {
    const found = new Map<string, Way>();
    for (const v of visits) {
      if (v.lon == null || v.lat == null || (day && v.day !== day) || (team && v.team !== team)) continue;
      const key = `${v.team} ${v.day}`;
      const depot = teams.find((x) => x.id === v.team);
      const way = found.get(key) ?? { key, team: names.findIndex(([n]) => n === v.team), depot: depot?.depot_lon != null && depot.depot_lat != null ? { lon: depot.depot_lon, lat: depot.depot_lat } : undefined, stops: [] };
      way.stops.push({
        id: v.id, lon: v.lon, lat: v.lat, order: way.stops.length + 1, name: v.site_name, open: isOpen(v),
        told: `${v.site_name}: ${f.shortDate(v.day)}, ${hours(v, f)}, ${v.team_name}, ${t('visit.needs', { people: people(v.expected, f, t) })}`,
      });
      found.set(key, way);
    }
    return [...found.values()];
  }, [visits, teams, names, day, team, f, t]);
  const out = useMemo((): Out[] => {
    const at = new Map((sites.data?.value.items ?? []).map((s) => [s.id, s] as const));
    return (p.omitted ?? []).flatMap((o) => {
      const s = at.get(o.site);
      return s?.lon != null && s.lat != null ? [{ id: o.site, lon: s.lon, lat: s.lat, told: `${o.name}: ${t(`omit.${o.reason}`)}` }] : [];
    });
  }, [p, sites.data, t]);
  if (visits.length === 0) return <Text>{t('plan.no-visits')}</Text>;
  const shown = ways.flatMap((w) => w.stops.map((s) => ({ ...s, way: w })));
  const legend = names.map(([id, name]): [string, string] => [`team-${names.findIndex(([n]) => n === id) % colours}`, name]);
  return (
    <Chart
      title={t('plan.map')} className="map plan-map" help="plan-map" rows={shown} id={(s) => String(s.id)}
      about={t('plan.map-about', { visits: f.pieces(shown.length), teams: names.length, out: out.length })}
      height={(w) => framed(ways, w).height}
      draw={(w) => <PlanDrawing ways={ways} out={out} districts={districts.data?.value.items ?? []} width={w} />}
      legend={[...legend, ['left-out', t('plan.left-out')], ['depot', t('plan.depot')]]}
      columns={[
        { key: 'name', head: t('region.site'), cell: (s) => s.name, sort: (s) => s.name },
        { key: 'order', head: t('plan.order'), cell: (s) => f.pieces(s.order), sort: (s) => s.order, number: true },
        { key: 'told', head: t('plan.when'), cell: (s) => s.told.slice(s.name.length + 2) },
      ]}
      control={
        <Group gap="xs" align="flex-end" className="noprint">
          <NativeSelect size="sm" label={t('plan.day')} value={day} onChange={(e) => setDay(e.currentTarget.value)} data={[{ value: '', label: t('app.all') }, ...days.map((d) => ({ value: d, label: f.shortDate(d) }))]} />
          {names.length > 1 && <NativeSelect size="sm" label={t('visit.team')} value={String(team)} onChange={(e) => setTeam(Number(e.currentTarget.value))} data={[{ value: '0', label: t('app.all') }, ...names.map(([n, name]) => ({ value: String(n), label: name }))]} />}
        </Group>
      }
    />
  );
}

type Take = ((taken: Taken) => void) | undefined;

// Visits are the visits by day, team and hour; the site's word can be noted from here, and a visit taken in hand.
function Visits({ plan: p, take }: { plan: Plan; take: Take }) {
  const words = useWords();
  const { t, f } = words;
  const { may } = useSession();
  const queries = useQueryClient();
  const [read, setRead] = useState<Visit | null>(null); // what the site's word was noted on
  const agree = useDeed((v: Visit, key) => call(api.POST('/api/v1/visits/{id}/confirmation', { params: { path: { id: v.id }, header: { ...onto(v), 'Idempotency-Key': key } } })));
  const agrees = may('visits.plan') && (p.visits ?? []).some((v) => v.state === 'proposed');
  async function note(v: Visit) {
    setRead(v);
    if (!(await agree.act(v))) await queries.invalidateQueries({ queryKey: ['plan'] });
  }
  const changed = read && (agree.problem?.status === 412 || agree.problem?.status === 409) ? (p.visits ?? []).find((v) => v.id === read.id && v.version !== read.version) : undefined;
  const columns: Column<Visit>[] = [
    { key: 'site', lead: true, head: t('region.site'), cell: (v) => <Anchor component={Link} to={`/visits/${v.id}`} inherit>{v.site_name || t('visit.elsewhere')}</Anchor>, sort: (v) => v.site_name },
    { key: 'day', head: t('plan.day'), cell: (v) => f.weekDay(v.day), sort: (v) => v.starts_at },
    { key: 'hours', head: t('plan.hours'), cell: (v) => hours(v, f), phone: false },
    { key: 'team', head: t('visit.team'), cell: (v) => v.team_name, sort: (v) => v.team_name, phone: false },
    { key: 'kind', head: t('site.what'), cell: (v) => t(`site.kind.${v.site_kind}`), sort: (v) => t(`site.kind.${v.site_kind}`), phone: false },
    { key: 'expected', head: t('plan.expected'), cell: (v) => people(v.expected, f, t), number: true },
    { key: 'blanks', head: t('region.blanks'), cell: (v) => (v.record_only ? t('visit.record-only') : f.pieces(v.blanks)), sort: (v) => v.blanks, number: true, phone: false },
    { key: 'state', head: t('region.state'), cell: (v) => <><State state={v.state} of="visit.state" />{v.pinned && isOpen(v) && <> <State state="pinned" of="plan" /></>}</>, sort: (v) => v.state },
  ];
  if (agrees) {
    columns.push({
      key: 'agree', phone: false, head: <span className="hidden">{t('visit.confirm')}</span>,
      cell: (v) => v.state === 'proposed' && <Button variant="outline" size="compact-md" loading={agree.busy} onClick={() => void note(v)} aria-label={t('plan.agree-one', { site: v.site_name })}>{t('plan.agree')}</Button>,
    });
  }
  if (take) {
    columns.push({
      key: 'adjust', head: <span className="hidden">{t('plan.adjust')}</span>,
      cell: (v) => (v.state === 'proposed' || v.state === 'confirmed') && <Button variant="subtle" size="compact-md" onClick={() => take({ visit: v.id })} aria-label={t('plan.adjust-one', { site: v.site_name })}>{t('plan.adjust')}</Button>,
    });
  }
  return (
    <div>
      <Title order={2} size="h4" mb="xs">{t('plan.visits')}</Title>
      {read && changed ? (
        <Stale
          why={t('stale.of', { name: read.site_name })} differences={visitFacts(words).map(([label, of]) => ({ label, read: of(read), now: of(changed) }))} busy={agree.busy}
          again={changed.state === 'proposed' ? () => void note(changed) : undefined}
        />
      ) : (
        <Summary problem={agree.problem} />
      )}
      <Sortable caption={t('plan.visits')} rows={p.visits ?? []} columns={columns} id={(v) => v.id} empty={t('plan.no-visits')} tall />
      {(p.visits?.length ?? 0) > 0 && <Files of={`plans.${p.id}.visits`} name={t('plan.visits')} />}
    </div>
  );
}

// What no day or team can mend.
const hopeless: ReadonlySet<Omitted['reason']> = new Set(['no-point', 'no-heads', 'nobody-left', 'planned-already', 'site-closed']);
const mendable = (o: Omitted) => !o.partly && !hopeless.has(o.reason);

// LeftOut says of every place that is not on the plan why, of the day and team that come nearest.
function LeftOut({ plan: p, teams, held, take }: { plan: Plan; teams: Team[]; held: RefObject<Taken | null>; take: Take }) {
  const words = useWords();
  const { t, f } = words;
  const name = (id?: number) => teams.find((x) => x.id === id)?.name ?? '';
  const columns: Column<Omitted>[] = [
    {
      key: 'name', head: t('region.site'), sort: (o) => o.name,
      cell: (o) => {
        const name = o.name + (o.partly ? ` (${t('omit.partly')})` : '');
        return take && mendable(o) ? <span className="lifts" draggable onDragStart={(e) => { held.current = { site: o.site }; e.dataTransfer.effectAllowed = 'move'; e.dataTransfer.setData('text/plain', ''); }} onDragEnd={() => { held.current = null; }}>{name}</span> : name;
      },
    },
    { key: 'kind', head: t('site.what'), cell: (o) => t(`site.kind.${o.kind}`), sort: (o) => t(`site.kind.${o.kind}`), phone: false },
    { key: 'expected', head: t('plan.expected'), cell: (o) => people(o.expected, f, t), sort: (o) => (typeof o.expected === 'number' ? o.expected : 0), number: true },
    { key: 'why', head: t('omit.why'), cell: (o) => why(o, words), sort: (o) => t(`omit.${o.reason}`) },
    { key: 'nearest', head: t('omit.nearest'), cell: (o) => (o.day ? `${name(o.team)}, ${f.weekDay(o.day)}` : '–'), phone: false },
  ];
  if (take) {
    columns.push({
      key: 'put', head: <span className="hidden">{t('plan.put')}</span>,
      cell: (o) => mendable(o) && <Button variant="subtle" size="compact-md" onClick={() => take({ site: o.site })} aria-label={t('plan.put-one', { site: o.name })}>{t('plan.put')}</Button>,
    });
  }
  return (
    <div>
      <Title order={2} size="h4" mb="xs">{t('omit.title', { count: p.omitted?.length ?? 0 })}</Title>
      <Sortable caption={t('omit.why')} rows={p.omitted ?? []} columns={columns} id={(o) => `${o.site} ${o.reason}`} empty={t('omit.none')} tall />
      {(p.omitted?.length ?? 0) > 0 && <Files of={`plans.${p.id}.omitted`} name={t('omit.title', { count: p.omitted?.length ?? 0 })} />}
    </div>
  );
}

// Papers are what can be carried or opened elsewhere.
function Papers({ plan: p }: { plan: Plan }) {
  const { t } = useWords();
  const { may } = useSession();
  const [sharing, share] = useState<{ id: number; name: string } | null>(null);
  const teams = [...new Map((p.visits ?? []).filter((v) => v.state !== 'cancelled').map((v) => [v.team, v.team_name]))];
  if (teams.length === 0) return null;
  return (
    <section aria-labelledby="papers" className="noprint">
      <Title order={2} size="h4" id="papers" mb="xs">{t('plan.papers')}</Title>
      <ul className="papers">
        {teams.map(([id, name]) => (
          <li key={id}>
            <span>{name}</span>
            <Anchor href={`/api/v1/plans/${p.id}/letters/${id}`}>{t('check.letter')}</Anchor>
            <Anchor href={`/api/v1/teams/${id}/calendar`}>iCal<span className="hidden">, {name}</span></Anchor>
            {may('visits.plan') && <Button variant="subtle" size="compact-md" onClick={() => share({ id, name })} aria-label={t('plan.share-one', { team: name })}>{t('plan.share')}</Button>}
          </li>
        ))}
        <li>
          <span>{t('plan.all-teams')}</span>
          <Anchor href={`/api/v1/plans/${p.id}/gpx`}>GPX</Anchor>
          <Anchor href={`/api/v1/plans/${p.id}/geojson`} download={`plan-${p.id}.geojson`}>GeoJSON</Anchor>
        </li>
      </ul>
      {sharing && <Share team={sharing} close={() => share(null)} />}
    </section>
  );
}

// Share makes the secret address by which calendar programs, which cannot sign in, follow a team. It is shown once.
function Share({ team, close }: { team: { id: number; name: string }; close: () => void }) {
  const { t } = useWords();
  const [path, setPath] = useState<string | null>(null); // empty where its answer was lost: the secret is told once
  const [ended, end] = useState(false);
  const params = (key: string) => ({ params: { path: { id: team.id }, header: { 'Idempotency-Key': key } } });
  const make = useDeed((id: number, key) => call(api.POST('/api/v1/teams/{id}/calendar/link', { params: { ...params(key).params, path: { id } } })));
  const unmake = useDeed((id: number) => call(api.DELETE('/api/v1/teams/{id}/calendar/link', { params: { path: { id } } })).then(() => true));
  return (
    <Dialog opened title={t('plan.share-one', { team: team.name })} close={close}>
      <Stack>
        <Summary problem={make.problem ?? unmake.problem} />
        <Text>{t('plan.share-hint')}</Text>
        <div role="status">
          {path && <TextInput label={t('plan.share-address')} description={t('plan.share-once')} value={new URL(path, location.href).href} readOnly onFocus={(e) => e.currentTarget.select()} data-autofocus />}
          {path === '' && <Text>{t('plan.share-lost')}</Text>}
          {ended && <Text>{t('plan.share-ended')}</Text>}
        </div>
        <Group>
          <Button loading={make.busy} onClick={() => void make.act(team.id).then((l) => { if (l) { setPath(l.path); end(false); } })}>{t('plan.share-new')}</Button>
          <Button variant="outline" color="red" loading={unmake.busy} onClick={() => void unmake.act(team.id).then((done) => { if (done) { setPath(null); end(true); } })}>{t('plan.share-end')}</Button>
          <Button variant="subtle" onClick={close}>{t('app.close')}</Button>
        </Group>
      </Stack>
    </Dialog>
  );
}

// Loss is a day on which a team cannot go out any more, '' for all that are left.
type Loss = { team: number; day: string };

// Losses are the teams that cannot go out, on a day or at all: their visits go to others where there is room.
function Losses({ plan, teams, from, losses, lose }: { plan: Plan; teams: Team[]; from: string; losses: Loss[]; lose: (losses: Loss[]) => void }) {
  const { t, f } = useWords();
  const crew = going(plan, teams);
  const [team, setTeam] = useState(crew[0]?.id ?? 0);
  const [day, setDay] = useState('');
  const days = daysOf(plan).filter((d) => d >= from);
  const known = losses.some((l) => l.team === team && (l.day === day || l.day === ''));
  const told = (l: Loss) => `${teams.find((x) => x.id === l.team)?.name ?? ''}: ${l.day ? f.weekDay(l.day) : t('plan.all-days')}`;
  return (
    <fieldset className="plain">
      <legend>{t('plan.losses')}</legend>
      {losses.length > 0 && (
        <ul className="checks">
          {losses.map((l) => (
            <li key={`${l.team} ${l.day}`}>
              <Group gap="xs">
                <Text>{told(l)}</Text>
                <Button variant="subtle" size="compact-md" onClick={() => lose(losses.filter((o) => o !== l))} aria-label={t('plan.goes-after-all', { team: told(l) })}>{t('plan.unlose')}</Button>
              </Group>
            </li>
          ))}
        </ul>
      )}
      <Group align="flex-end" gap="xs">
        <NativeSelect label={t('visit.team')} value={String(team)} onChange={(e) => setTeam(Number(e.currentTarget.value))} data={crew.map((x) => ({ value: String(x.id), label: x.name }))} />
        <NativeSelect label={t('plan.day')} value={day} onChange={(e) => setDay(e.currentTarget.value)} data={[{ value: '', label: t('plan.all-days') }, ...days.map((d) => ({ value: d, label: f.weekDay(d) }))]} />
        <Button variant="outline" disabled={known || team === 0} onClick={() => lose([...losses.filter((l) => day !== '' || l.team !== team), { team, day }])}>{t('plan.lose')}</Button>
      </Group>
    </fieldset>
  );
}

// Steps announce a plan, plan what is left of it anew, or take it back. What somebody else changed meanwhile is shown
// beside what was read.
function Steps({ plan, teams }: { plan: Plan; teams: Team[] }) {
  const words = useWords();
  const { t, f } = words;
  const [asking, ask] = useState<'publish' | 'replan' | 'cancel' | null>(null);
  const [read, setRead] = useState(plan);
  const [reason, setReason] = useState('');
  const now = today(plan.zone as Zone);
  const [from, setFrom] = useState(plan.from > now ? plan.from : now);
  const [losses, lose] = useState<Loss[]>(() => (plan.asked.losses ?? []).map((l) => ({ team: l.team, day: l.day ?? '' })));
  const current = useQuery({ queryKey: ['plan', 'now', plan.id], enabled: asking !== null, queryFn: () => call(api.GET('/api/v1/plans/{id}', { params: { path: { id: plan.id } } })) });
  const deed = useDeed((on: { plan: Plan; how: string; reason: string; from: string; losses: Loss[] }, key) => {
    const params = { path: { id: on.plan.id }, header: { ...onto(on.plan), 'Idempotency-Key': key } };
    return on.how === 'publish' ? call(api.POST('/api/v1/plans/{id}/publication', { params }))
      : on.how === 'replan' ? call(api.POST('/api/v1/plans/{id}/replanning', { params, body: { from: on.from, losses: on.losses.map(({ team, day }) => ({ team, day: day || undefined })), seconds: 5 } }))
      : call(api.POST('/api/v1/plans/{id}/cancellation', { params, body: { reason: on.reason } }));
  });
  const error = useFieldError(deed.problem);
  const fresh = current.data;
  const stale = deed.problem?.status === 412 && fresh && fresh.version !== read.version ? fresh : null;

  function open(how: typeof asking) {
    setRead(plan);
    deed.forget();
    ask(how);
  }
  async function act(on: Plan) {
    if (await deed.act({ plan: on, how: asking!, reason, from, losses })) ask(null);
    else void current.refetch();
  }
  const shown: [string, (x: Plan) => string][] = [
    [t('region.state'), (x) => t(`plan.state.${x.state}`)], [t('plan.visits'), (x) => f.pieces(x.outcome.visits)], [t('plan.expected'), (x) => f.pieces(x.outcome.expected)],
    [t('plan.blanks'), (x) => f.pieces(x.outcome.blanks.reserved)],
  ];
  return (
    <>
      <Group className="noprint">
        {plan.state === 'proposed' && <Button onClick={() => open('publish')}>{t('plan.publish')}</Button>}
        <Button variant="outline" onClick={() => open('replan')}>{t('plan.replan')}</Button>
        <Button variant="subtle" color="red" onClick={() => open('cancel')}>{t('plan.cancel')}</Button>
      </Group>
      {asking && (
        <Confirm opened title={t(`plan.${asking}`)} verb={t(`plan.${asking}`)} danger={asking === 'cancel'} busy={deed.busy} close={() => ask(null)} act={() => void act(read)}>
          <Stack>
            {stale ? (
              <Stale differences={shown.map(([label, of]) => ({ label, read: of(read), now: of(stale) }))} busy={deed.busy} again={() => { setRead(stale); void act(stale); }} />
            ) : (
              <Summary problem={deed.problem} inputs={{ 'body.reason': 'cancel-reason', 'body.from': 'replan-from' }} />
            )}
            <Text>{t(`plan.${asking}-hint`, { count: plan.outcome.visits, blanks: words.f.pieces(plan.outcome.blanks.reserved) })}</Text>
            {asking === 'cancel' && <Textarea id="cancel-reason" label={t('visit.reason')} value={reason} onChange={(e) => setReason(e.currentTarget.value)} required maxLength={500} autosize error={error('body.reason')} />}
            {asking === 'replan' && <Losses plan={plan} teams={teams} from={from} losses={losses} lose={lose} />}
            {asking === 'replan' && <TextInput id="replan-from" type="date" label={t('plan.replan-from')} value={from} min={now} onChange={(e) => setFrom(e.currentTarget.value)} maw={220} error={error('body.from')} />}
          </Stack>
        </Confirm>
      )}
    </>
  );
}
