import { Alert, Anchor, Button, Checkbox, Group, NumberInput, Paper, Stack, Text, Textarea, Title } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { api, call, onto, type Schemas } from '../api/client';
import { asProblem, type Problem } from '../api/problem';
import { useRegion } from '../data';
import { useDeed } from '../deed';
import { today, type Zone } from '../format';
import type { Waiting } from '../outbox/database';
import { useUnsent } from '../outbox/queue';
import { submit } from '../outbox/submit';
import { useSession } from '../session';
import { Dialog } from '../shell/dialog';
import { State } from '../shell/figure';
import { Help } from '../shell/help';
import { Page } from '../shell/page';
import { Since } from '../shell/since';
import { Stale } from '../shell/stale';
import { Sortable } from '../shell/table';
import { Loading, Summary, Trouble, useFieldError } from '../shell/trouble';
import { isOpen, people, talk, unserved, useSite, useTeams, useTicks, useVisit, type Result, type Site, type Visit } from '../visits';
import { useWords } from '../words';
import { visitFacts } from './conflict';
import { Record } from './queue';
import { RecordForm, type Told } from './record';
import { hours } from './visits';

// VisitPage is one visit: where and when, what to bring, the steps until it is recorded, and what was reported of it.
export function VisitPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const { me, may } = useSession();
  const { t, f } = useWords();
  const visit = useVisit(Number(id));
  const site = useSite(visit.data?.value.site);
  const teams = useTeams();
  const [mending, mend] = useState<Waiting | null>(null);
  const [writing, write] = useState(false); // the form stays while its record is on its way
  const [how, setHow] = useState<Told | null>(null);
  const [made, make] = useState(false); // called off, and made all the same
  const step = useStep(visit.data?.value);
  const unsent = useUnsent(me.username).filter((r) => r.visit === Number(id));
  if (visit.isPending) return <Loading />;
  if (visit.isLoadingError) return <Trouble problem={asProblem(visit.error)} again={() => void visit.refetch()} />;
  const v = visit.data.value;
  const place = site.data?.value;
  const team = teams.data?.value.items?.find((x) => x.id === v.team);
  const result = unsent.find((r) => r.kind === 'result');
  const started = !step.busy && unsent.some((r) => r.kind === 'step' && r.state === 'waiting');
  const reports = may('visits.report');
  const off = v.state === 'missed' || v.state === 'cancelled';
  const before = reports && (v.state === 'proposed' || v.state === 'confirmed') && !result && !started;
  const up = reports ? { to: '/visits', label: t('nav.visits') } : { to: `/outreach/${v.plan}`, label: t('plan.one') };
  return (
    <Page
      title={v.site_name || t('visit.elsewhere')} state={<State state={v.state} of="visit.state" />} up={up} narrow
      about={<>{t(`site.kind.${v.site_kind}`)} · {f.date(v.day)}, {hours(v, f)}</>}
    >
      <Since at={visit.data.since} />
      {how && (
        <Alert role="status" variant="outline" title={t(`result.done-${how}`)}>
          <Anchor component={Link} to="/visits">{t('result.next')}</Anchor>
        </Alert>
      )}
      {unsent.filter((r) => r.id !== mending?.id && !(writing && r.kind === 'result') && !(step.busy && r.kind === 'step')).map((r) => (
        <Stack key={r.id} gap="xs">
          <Record record={r} here />
          {r.kind === 'result' && !mending && r.problem?.code !== 'result-differs' && <Button variant="outline" w="fit-content" onClick={() => mend(r)}>{t('result.mend')}</Button>}
        </Stack>
      ))}
      <div className="two">
        <Facts visit={v} site={place} />
        {isOpen(v) && <Checklist visit={v} site={place} team={team} />}
      </div>
      {isOpen(v) && <DeskSteps visit={v} />}
      {before && <Start key={v.version} visit={v} step={step} />}
      {reports && mending && <RecordForm key={mending.id} visit={v} mend={mending} done={() => mend(null)} cancel={() => mend(null)} />}
      {reports && !mending && (isOpen(v) || (off && made)) && (!result || writing) && (
        <RecordForm visit={v} started={started} write={() => write(true)} done={(told) => { write(false); make(false); setHow(told); }} cancel={off ? () => make(false) : undefined} />
      )}
      {reports && off && !made && !result && (
        <Stack gap="xs" className="noprint">
          <Text size="sm" c="dimmed">{t('visit.after-all-hint')}</Text>
          <Button variant="outline" w="fit-content" onClick={() => make(true)}>{t('visit.after-all')}</Button>
        </Stack>
      )}
      {(before || (reports && v.state === 'under-way' && !result)) && <Miss visit={v} step={step} />}
      <Reports visit={v} />
      {(v.state === 'done' || v.state === 'partial') && may('visits.hand-blanks') && v.blanks > 0 && <CheckIn visit={v} />}
      {off && may('visits.hand-blanks') && !!v.handed && <CheckInForm visit={v} good={v.handed} spoiled={0} />}
    </Page>
  );
}

function Facts({ visit: v, site }: { visit: Visit; site?: Site }) {
  const { t, f } = useWords();
  const where = useRegion(site?.region ?? '', !!site);
  const weekday = ((new Date(v.day + 'T00:00:00Z').getUTCDay() + 6) % 7) + 1;
  const open = (site?.openings ?? []).filter((o) => !o.closed && (!o.weekdays?.length || o.weekdays.includes(weekday)) && (!o.from || o.from <= v.day) && (!o.until || o.until >= v.day));
  const facts: [string, ReactNode][] = [
    [t('region.region'), where.data?.value.name ?? site?.region ?? '–'],
    [t('visit.team'), v.team_name || '–'],
    [t('visit.travel'), t('visit.minutes', { minutes: f.pieces(Math.round(v.travel_seconds / 60)) })],
    [t('visit.open'), open.length ? open.map((o) => `${f.clock(o.opens ?? '')}–${f.clock(o.closes ?? '')}`).join(', ') + (site?.openings_assumed ? ` (${t('visit.assumed')})` : '') : '–'],
    ...(site?.contact ? [[t('visit.contact'), <Anchor href={`tel:${site.contact.replace(/[^0-9+]/g, '')}`}>{site.contact}</Anchor>] as [string, ReactNode]] : []),
    ...(v.shares > 1 ? [[t('visit.share'), t('visit.share-of', { share: v.share, shares: v.shares })] as [string, ReactNode]] : []),
    [t('visit.expected'), people(v.expected, f, t)],
    [t('visit.set-aside'), v.record_only ? t('visit.record-only') : f.pieces(v.blanks)],
    ...(v.reason ? [[t('visit.reason'), v.reason === 'dropped' || v.reason === 'replanned' ? t(`visit.off.${v.reason}`) : v.reason] as [string, ReactNode]] : []),
  ];
  return (
    <Paper withBorder p="md" component="section" aria-labelledby="visit-facts">
      <Group gap="xs" mb="xs"><Title order={2} size="h4" id="visit-facts">{t('visit.facts')}</Title><Help of="expected" /></Group>
      <dl className="terms">{facts.map(([label, value]) => <Term key={label} label={label}>{value}</Term>)}</dl>
      {site?.note && <Text mt="sm" className="note">{site.note}</Text>}
      {v.lon != null && v.lat != null && <Anchor href={`geo:${v.lat},${v.lon}?q=${v.lat},${v.lon}`} className="more noprint">{t('visit.way')}</Anchor>}
    </Paper>
  );
}

function Term({ label, children }: { label: string; children: ReactNode }) {
  return <><dt>{label}</dt><dd>{children}</dd></>;
}

// Checklist is what to have before leaving. The ticks stay on this device.
function Checklist({ visit: v, site, team }: { visit: Visit; site?: Site; team?: Schemas['Team'] }) {
  const { t, f } = useWords();
  const [ticks, tick] = useTicks(v.id);
  const items: [string, ReactNode][] = [
    ['letter', <Anchor key="l" href={`/api/v1/plans/${v.plan}/letters/${v.team}`}>{t('check.letter')}</Anchor>],
    ['notice', <Anchor key="n" href={`/api/v1/visits/${v.id}/letter`}>{t('check.notice')}</Anchor>],
    ...(site?.access ?? []).map((a) => [a, t(`check.access.${a}`)] as [string, ReactNode]),
    ['blanks', v.blanks === 0 ? t('check.no-blanks') : v.handed != null ? t('check.blanks-handed', { pieces: f.pieces(v.handed), actor: v.handed_by === 'system' ? t('history.system') : v.handed_by }) : t('check.blanks', { pieces: f.pieces(v.blanks) })],
    ['sets', team ? t('check.sets', { count: team.sets }) : t('check.sets-some')],
    ['spare', t('check.spare')],
  ];
  return (
    <Paper withBorder p="md" component="section" aria-labelledby="checklist">
      <Title order={2} size="h4" id="checklist" mb="xs">{t('check.title')}</Title>
      <ul className="checks">
        {items.map(([item, label]) => (
          <li key={item}><Checkbox size="md" checked={ticks.has(item)} onChange={(e) => tick(item, e.currentTarget.checked)} label={label} /></li>
        ))}
      </ul>
    </Paper>
  );
}

type Step = ReturnType<typeof useStep>;

// useStep writes a step of a visit on this device and sends it when the network is there.
function useStep(v: Visit | undefined) {
  const { me } = useSession();
  const queries = useQueryClient();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  async function act(title: string, step: 'start' | 'miss', body: unknown) {
    if (!v) return false;
    setBusy(true);
    setProblem(null);
    const how = await submit({ user: me.username, kind: 'step', title, path: `/api/v1/visits/${v.id}/${step}`, body, version: v.version, visit: v.id, read: v });
    setBusy(false);
    if (how.problem) setProblem(how.problem);
    if (how.sent || how.problem) await queries.invalidateQueries();
    return !how.problem;
  }
  return { act, busy, problem };
}

// Start is the team's word for the blanks it takes along; they move into its hands.
function Start({ visit: v, step }: { visit: Visit; step: Step }) {
  const { t, f } = useWords();
  const [taken, setTaken] = useState<number | string>(v.handed ?? 0);
  const error = useFieldError(step.problem);
  const now = today(v.zone as Zone);
  if (v.day > now) return null;
  const waits = v.blanks > 0 && v.handed == null;
  return (
    <Paper withBorder p="md" component="form" aria-labelledby="start" onSubmit={(e: React.FormEvent) => { e.preventDefault(); void step.act(t('visit.start-record', { site: v.site_name }), 'start', { blanks: Number(taken || 0) }); }}>
      <Stack>
        <Title order={2} size="h4" id="start">{t('visit.start')}</Title>
        <Summary problem={step.problem} inputs={{ 'body.blanks': 'taken' }} />
        {waits ? <Text>{t('visit.not-handed')}</Text> : v.blanks > 0 && (
          <NumberInput id="taken" label={t('visit.taken')} description={t('visit.taken-hint', { pieces: f.pieces(v.handed) })} value={taken} onChange={setTaken} min={0} maw={280} hideControls required inputMode="numeric"
            allowDecimal={false} allowNegative={false} thousandSeparator="." decimalSeparator="," error={error('body.blanks')} />
        )}
        {!waits && <Button type="submit" variant="outline" loading={step.busy} w="fit-content">{t('visit.start')}</Button>}
      </Stack>
    </Paper>
  );
}

function Miss({ visit: v, step }: { visit: Visit; step: Step }) {
  const { t } = useWords();
  const [asking, ask] = useState(false);
  const [reason, setReason] = useState('');
  const error = useFieldError(step.problem);
  return (
    <>
      <Button variant="subtle" color="red" w="fit-content" onClick={() => ask(true)}>{t('visit.miss')}</Button>
      <Dialog opened={asking} title={t('visit.miss')} close={() => ask(false)}>
        <form onSubmit={(e) => { e.preventDefault(); void step.act(t('visit.miss-record', { site: v.site_name }), 'miss', { reason }).then((ok) => ok && ask(false)); }}>
          <Stack>
            <Summary problem={step.problem} inputs={{ 'body.reason': 'miss-reason' }} />
            <Text size="sm" c="dimmed">{t(v.state === 'under-way' ? 'visit.miss-out-hint' : 'visit.miss-hint')}</Text>
            <Textarea id="miss-reason" label={t('visit.reason')} value={reason} onChange={(e) => setReason(e.currentTarget.value)} required maxLength={500} autosize error={error('body.reason')} />
            <Group>
              <Button type="submit" color="red.9" loading={step.busy}>{t('visit.miss')}</Button>
              <Button variant="subtle" onClick={() => ask(false)}>{t('app.cancel')}</Button>
            </Group>
          </Stack>
        </form>
      </Dialog>
    </>
  );
}

// DeskSteps are what the office does for a visit: the site has agreed, blanks are handed over.
function DeskSteps({ visit: v }: { visit: Visit }) {
  const { may } = useSession();
  const { t, f } = useWords();
  const hands = may('visits.hand-blanks') && v.blanks > 0 && v.state !== 'under-way';
  const agrees = may('visits.plan') && v.state === 'proposed';
  const supplies = may('visits.plan') && v.state !== 'under-way' && (v.blanks > 0 || v.record_only);
  if (!hands && !agrees && !supplies) return null;
  return (
    <div className="two">
      {agrees && (
        <DeskStep visit={v} id="confirm" title={t('visit.confirm')} hint={t('visit.confirm-hint')}
          act={(on, _, key) => call(api.POST('/api/v1/visits/{id}/confirmation', { params: { path: { id: on.id }, header: { ...onto(on), 'Idempotency-Key': key } } }))} />
      )}
      {hands && (
        <DeskStep visit={v} id="hand" title={t('visit.hand')} hint={t('visit.hand-hint', { pieces: f.pieces(v.blanks) })} fields={[['blanks', t('visit.handed'), v.handed ?? v.blanks]]}
          act={(on, n, key) => call(api.POST('/api/v1/visits/{id}/handover', { params: { path: { id: on.id }, header: { ...onto(on), 'Idempotency-Key': key } }, body: { blanks: n.blanks ?? 0 } }))} />
      )}
      {supplies && (
        <DeskStep key={String(v.record_only)} visit={v} id="supply" title={t(v.record_only ? 'visit.give-blanks' : 'visit.without-blanks')} hint={t(v.record_only ? 'visit.give-blanks-hint' : 'visit.without-blanks-hint')}
          act={(on, _, key) => call(api.POST('/api/v1/visits/{id}/blanks', { params: { path: { id: on.id }, header: { ...onto(on), 'Idempotency-Key': key } }, body: { with: v.record_only } }))} />
      )}
    </div>
  );
}

function CheckIn({ visit: v }: { visit: Visit }) {
  const results = useResults(v);
  const kept = results.data?.items?.find((r) => r.standing === 'kept');
  if (!kept) return null;
  return <CheckInForm key={kept.id} visit={v} good={kept.counts.blanks_returned} spoiled={kept.counts.blanks_spoiled} />;
}

function CheckInForm({ visit: v, good, spoiled }: { visit: Visit; good: number; spoiled: number }) {
  const { t } = useWords();
  return (
    <DeskStep visit={v} id="checkin" title={t('visit.checkin')} hint={t('visit.checkin-hint')}
      fields={[['blanks', t('result.blanks_returned'), good], ['spoiled', t('result.blanks_spoiled'), spoiled]]}
      act={(on, n, key) => call(api.POST('/api/v1/visits/{id}/checkin', { params: { path: { id: on.id }, header: { ...onto(on), 'Idempotency-Key': key } }, body: { blanks: n.blanks ?? 0, spoiled: n.spoiled ?? 0 } }))} />
  );
}

type Numbers = { [name: string]: number };

// DeskStep is one step at the desk, with the numbers it needs. What somebody else changed meanwhile is shown beside what
// was read.
function DeskStep({ visit, id, title, hint, fields = [], act }: {
  visit: Visit; id: string; title: string; hint: string; fields?: [name: string, label: string, value: number][]; act: (on: Visit, numbers: Numbers, key: string) => Promise<Visit>;
}) {
  const words = useWords();
  const queries = useQueryClient();
  const [read, setRead] = useState(visit); // what the step builds on
  const [now, setNow] = useState<Visit | null>(null);
  const [typed, type] = useState<{ [name: string]: number | string }>({});
  const deed = useDeed((on: { visit: Visit; numbers: Numbers }, key) => act(on.visit, on.numbers, key));
  const error = useFieldError(deed.problem);
  const changed = deed.problem?.status === 412 || deed.problem?.status === 409;

  async function go(on: Visit) {
    const numbers = Object.fromEntries(fields.map(([name, , value]) => [name, Number(typed[name] ?? value)]));
    const done = await deed.act({ visit: on, numbers });
    if (done) {
      setRead(done);
      setNow(null);
      return;
    }
    setNow(await queries.fetchQuery({ queryKey: ['visit', 'now', on.id], staleTime: 0, queryFn: () => call(api.GET('/api/v1/visits/{id}', { params: { path: { id: on.id } } })) }).catch(() => null));
  }

  return (
    <Paper withBorder p="md" component="form" aria-labelledby={id} className="noprint" onSubmit={(e: React.FormEvent) => { e.preventDefault(); void go(read); }}>
      <Stack>
        <Title order={2} size="h4" id={id}>{title}</Title>
        {changed && now && now.version !== read.version ? (
          <Stale
            differences={visitFacts(words).map(([label, of]) => ({ label, read: of(read), now: of(now) }))} busy={deed.busy}
            again={deed.problem!.status === 412 ? () => { setRead(now); void go(now); } : undefined} why={deed.problem!.status === 409 ? words.problem(deed.problem!) : undefined}
          />
        ) : (
          <Summary problem={deed.problem} inputs={Object.fromEntries(fields.map(([name]) => [`body.${name}`, `${id}-${name}`]))} />
        )}
        <Text size="sm" c="dimmed">{hint}</Text>
        {fields.length > 0 && (
          <div className="fields">
            {fields.map(([name, label, value]) => (
              <NumberInput key={name} id={`${id}-${name}`} label={label} value={typed[name] ?? value} onChange={(n) => type((was) => ({ ...was, [name]: n }))} min={0} hideControls required inputMode="numeric"
                allowDecimal={false} allowNegative={false} thousandSeparator="." decimalSeparator="," error={error(`body.${name}`)} />
            ))}
          </div>
        )}
        <Button type="submit" variant={id === 'hand' || id === 'checkin' ? 'filled' : 'outline'} loading={deed.busy} w="fit-content">{title}</Button>
      </Stack>
    </Paper>
  );
}

const useResults = (v: Visit) =>
  useQuery({
    queryKey: ['results', v.id], enabled: v.state === 'done' || v.state === 'partial',
    queryFn: () => call(api.GET('/api/v1/visits/{id}/results', { params: { path: { id: v.id } } })),
  });

// Reports is what was reported of the visit; where reports contradict each other one of them is to be chosen.
function Reports({ visit: v }: { visit: Visit }) {
  const { t, f } = useWords();
  const { may } = useSession();
  const results = useResults(v);
  const list = results.data?.items ?? [];
  const choose = useDeed((result: number, key) => call(api.POST('/api/v1/visits/{id}/results/{result}/choice', { params: { path: { id: v.id, result }, header: { 'Idempotency-Key': key } } })));
  if (v.state !== 'done' && v.state !== 'partial') return null;
  if (results.isPending) return <Loading />;
  if (results.isLoadingError) return <Trouble problem={asProblem(results.error)} again={() => void results.refetch()} />;
  const open = list.some((r) => r.standing === 'conflict');
  const rows: [string, (r: Result) => ReactNode][] = [
    [t('result.standing'), (r) => <State key={r.id} state={r.standing} of="result.standings" />],
    [t('result.day'), (r) => f.shortDate(r.day)],
    ...(['present', 'served', 'recorded', 'printed', 'akta', 'ikd', 'kia'] as const).map((c): [string, (r: Result) => ReactNode] => [t(`result.${c}`), (r) => people(r.counts[c], f, t)]),
    ...(['blanks_taken', 'blanks_used', 'blanks_spoiled', 'blanks_returned'] as const).map((b): [string, (r: Result) => ReactNode] => [t(`result.${b}`), (r) => f.pieces(r.counts[b])]),
    [t('result.failures'), (r) => unserved(r.failures, f, t)],
    [t('result.session'), (r) => talk(r.counts.session, f, t)],
    [t('result.whereabouts'), (r) => r.whereabouts === 'none' ? t('result.where.none') : t(`result.where.${r.whereabouts}`, { metres: f.pieces(r.distance_m) })],
    [t('result.at'), (r) => f.instant(r.taken_at, v.zone as Zone)],
    [t('result.flags'), (r) => (r.flags?.length ? r.flags.map((x) => t(`result.flag.${x}`)).join('; ') : '–')],
    [t('request.note'), (r) => r.note || '–'],
    ...(open && may('visits.plan') ? [[t('result.choice'), (r: Result) => r.standing !== 'set-aside' && <Button size="compact-md" variant="outline" loading={choose.busy} onClick={() => void choose.act(r.id)}>{t('result.choose')}</Button>] as [string, (r: Result) => ReactNode]] : []),
  ];
  return (
    <div>
      <Title order={2} size="h4" mb="xs">{t('result.title')}</Title>
      <Summary problem={choose.problem} />
      {open && <Text mb="xs">{t('result.differ')}</Text>}
      <Sortable
        caption={t('result.title')} rows={rows} id={(r) => r[0]} empty={t('result.none')}
        columns={[{ key: 'label', head: t('stale.field'), cell: (r) => r[0] }, ...list.map((x) => ({ key: String(x.id), head: x.reported_by, cell: (r: (typeof rows)[number]) => r[1](x) }))]}
      />
    </div>
  );
}
