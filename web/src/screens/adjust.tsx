import { Alert, Button, Group, NativeSelect, Stack, Text, Title } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { api, call, once, onto, type Schemas } from '../api/client';
import { asProblem, type Problem } from '../api/problem';
import { useDeed } from '../deed';
import { today, type Zone } from '../format';
import { Dialog } from '../shell/dialog';
import { Stale } from '../shell/stale';
import { Sortable } from '../shell/table';
import { Summary, useFieldError } from '../shell/trouble';
import { isOpen, type Visit } from '../visits';
import { useWords } from '../words';
import { visitFacts } from './conflict';
import { why } from './omit';
import { daysOf, type Plan } from './plans';
import { hours } from './visits';

type Omitted = Schemas['Omitted'];
type Outcome = Schemas['Outcome'];
type Team = Schemas['Team'];

// What a person takes in hand: a visit of the plan, or a site that is not on it; and where it was dragged to.
export type Taken = ({ visit: number } | { site: number }) & { to?: { team: number; day: string } };

// Deed is what was done by hand, and what would undo it.
export type Deed =
  | { how: 'move'; visit: number; site: string; was: { team: number; day: string } }
  | { how: 'drop'; id: number; site: string; was: { team: number; day: string }; whole: boolean }
  | { how: 'put'; id: number; site: string }
  | { how: 'pin' | 'unpin'; visit: number; site: string };

type Wish = { how: 'move' | 'drop' | 'put' | 'pin' | 'unpin'; team: number; day: string };

// change asks for a change by hand, or, with `trial`, what it would make of the plan.
async function change(on: Visit | Plan, site: number, { how, team, day }: Wish, key: string, trial?: true): Promise<Outcome | Visit> {
  const params = { path: { id: on.id }, header: { ...onto(on), 'Idempotency-Key': key } };
  switch (how) {
    case 'move': return call(api.POST('/api/v1/visits/{id}/move', { params, body: { team, day, try: trial } }));
    case 'drop': return call(api.POST('/api/v1/visits/{id}/drop', { params, body: { try: trial } }));
    case 'put': return call(api.POST('/api/v1/plans/{id}/visits', { params, body: { site, team, day, try: trial } }));
    default: return call(api.POST('/api/v1/visits/{id}/pin', { params, body: { pinned: how === 'pin' } }));
  }
}

// going are the teams that the plan may send; ahead are its days that can still change.
export const going = (plan: Plan, teams: Team[]) => teams.filter((x) => x.status === 'active' && (!plan.asked.teams?.length || plan.asked.teams.includes(x.id)));
export const ahead = (plan: Plan) => daysOf(plan).filter((d) => d >= today(plan.zone as Zone));

// useTrial asks what a change by hand would make of the plan; nothing is saved.
export function useTrial(plan: Plan, taken: Taken, wish: Wish, enabled: boolean, read?: Visit | Plan) {
  const on = read ?? ('visit' in taken ? plan.visits?.find((v) => v.id === taken.visit) : undefined) ?? plan;
  const site = 'site' in taken ? taken.site : 0; // only a site that is put on a plan is named
  return useQuery({
    queryKey: ['try', plan.id, plan.version, 'visit' in taken ? taken.visit : 0, site, on.version, wish], enabled, retry: false, staleTime: 60_000,
    queryFn: () => change(on, site, wish, once(), true) as Promise<Outcome>,
  });
}

// Adjust moves a visit to another team or day, fixes it, takes it off, or puts a site on the plan. What that makes of the
// plan is told before it is done, or why it cannot be.
export function Adjust({ plan, teams, taken, close, done }: { plan: Plan; teams: Team[]; taken: Taken; close: () => void; done: (deed: Deed) => void }) {
  const visit = 'visit' in taken ? (plan.visits ?? []).find((v) => v.id === taken.visit) : undefined;
  const out = 'site' in taken ? (plan.omitted ?? []).find((o) => o.site === taken.site) : undefined;
  if (!visit && !out) return null; // somebody else took it off meanwhile
  return <Hand plan={plan} teams={teams} taken={taken} visit={visit} out={out} close={close} done={done} />;
}

function Hand({ plan, teams, taken, visit, out, close, done }: { plan: Plan; teams: Team[]; taken: Taken; visit?: Visit; out?: Omitted; close: () => void; done: (deed: Deed) => void }) {
  const words = useWords();
  const { t, f } = words;
  const queries = useQueryClient();
  const left = ahead(plan);
  const crew = going(plan, teams);
  const days = visit && !left.includes(visit.day) ? [visit.day, ...left] : left;
  const current: Visit | Plan = visit ?? plan;
  const [read, setRead] = useState(current); // what a change builds on
  const [team, setTeam] = useState(taken.to?.team ?? visit?.team ?? (out?.team || crew[0]?.id) ?? 0);
  const [day, setDay] = useState(taken.to?.day ?? visit?.day ?? (out?.day && left.includes(out.day) ? out.day : left[0]) ?? '');
  const [dropping, drop] = useState(false);
  const site = visit?.site ?? out!.site;
  const name = visit?.site_name ?? out!.name;
  const deed = useDeed((on: { on: Visit | Plan; wish: Wish }, key) => change(on.on, site, on.wish, key));
  const wish: Wish = { how: dropping ? 'drop' : visit ? 'move' : 'put', team, day };
  const stays = !dropping && visit !== undefined && team === visit.team && day === visit.day;
  const trial = useTrial(plan, taken, wish, !stays && day !== '', read);
  const refused: Problem | null = deed.problem ?? (!stays && trial.error ? asProblem(trial.error) : null);
  const reason = refused?.code === 'visit-does-not-fit' ? refused : null;
  const error = useFieldError(refused);
  const changed = refused?.status === 412 && current.version !== read.version;

  async function act(how: Wish['how'], on = read) {
    const was = { team: visit?.team ?? team, day: visit?.day ?? day };
    const made = await deed.act({ on, wish: { how, team, day } });
    if (!made) {
      await queries.invalidateQueries({ queryKey: ['plan'] }); // what somebody else did meanwhile
      return;
    }
    done(how === 'put' ? { how, id: site, site: name } : how === 'drop' ? { how, id: site, site: name, was, whole: visit!.shares === 1 } : how === 'move' ? { how, visit: visit!.id, site: name, was } : { how, visit: visit!.id, site: name });
  }
  const facts: [string, (x: Visit | Plan) => string][] = visit
    ? visitFacts(words).map(([label, of]) => [label, (x) => of(x as Visit)])
    : [[t('region.state'), (x) => t(`plan.state.${(x as Plan).state}`)], [t('plan.visits'), (x) => f.pieces((x as Plan).outcome.visits)], [t('plan.expected'), (x) => f.pieces((x as Plan).outcome.expected)]];

  return (
    <Dialog opened title={name} close={close}>
      <Stack>
        {changed ? (
          <Stale differences={facts.map(([label, of]) => ({ label, read: of(read), now: of(current) }))} busy={deed.busy} again={() => { setRead(current); deed.forget(); }} />
        ) : (
          !reason && refused && <Summary problem={refused} inputs={{ 'body.team': 'to-team', 'body.day': 'to-day' }} />
        )}
        {visit && <Text>{visit.team_name}, {f.weekDay(visit.day)}, {hours(visit, f)}{visit.pinned ? `; ${t('plan.pinned')}` : ''}</Text>}
        {visit?.published && <Text size="sm" c="dimmed">{t('plan.announced-hint')}</Text>}
        {dropping ? (
          <Text>{t('plan.drop-hint')}</Text>
        ) : (
          <div className="fields">
            <NativeSelect id="to-team" label={t('visit.team')} value={String(team)} onChange={(e) => setTeam(Number(e.currentTarget.value))} data={crew.map((x) => ({ value: String(x.id), label: x.name }))} error={error('body.team')} />
            <NativeSelect id="to-day" label={t('plan.day')} value={day} onChange={(e) => setDay(e.currentTarget.value)} data={days.map((d) => ({ value: d, label: f.weekDay(d) }))} error={error('body.day')} />
          </div>
        )}
        <div role="status">
          {stays ? <Text size="sm" c="dimmed">{t('plan.stays')}</Text>
            : reason ? <Alert variant="outline" color="red" title={t('plan.does-not-fit')}>{why(reason.facts as unknown as Omitted, words)}</Alert>
            : trial.isFetching ? <Text size="sm">{t('plan.trying')}</Text>
            : trial.data ? <Effect plan={plan} then={trial.data} /> : null}
        </div>
        <Group>
          {dropping ? (
            <>
              <Button color="red.9" loading={deed.busy} disabled={!trial.data} onClick={() => void act('drop')}>{t('plan.drop')}</Button>
              <Button variant="subtle" onClick={() => drop(false)}>{t('app.back')}</Button>
            </>
          ) : (
            <>
              <Button loading={deed.busy} disabled={stays || !trial.data || reason !== null} onClick={() => void act(wish.how)}>{t(visit ? 'plan.move' : 'plan.put')}</Button>
              {visit && <Button variant="outline" disabled={deed.busy} onClick={() => void act(visit.pinned ? 'unpin' : 'pin')}>{t(visit.pinned ? 'plan.unpin' : 'plan.pin')}</Button>}
              {visit && <Button variant="subtle" color="red" disabled={deed.busy} onClick={() => drop(true)}>{t('plan.drop')}</Button>}
              <Button variant="subtle" onClick={close}>{t('app.cancel')}</Button>
            </>
          )}
        </Group>
      </Stack>
    </Dialog>
  );
}

// Effect is what the plan would be worth beside what it is.
function Effect({ plan, then }: { plan: Plan; then: Outcome }) {
  const { t, f } = useWords();
  const rows: [string, (o: Outcome) => string][] = [
    [t('plan.visits'), (o) => f.pieces(o.visits)],
    [t('plan.expected'), (o) => f.pieces(o.expected)],
    [t('plan.per-team-day'), (o) => f.decimal(o.per_team_day)],
    [t('plan.km'), (o) => f.decimal(o.km_per_person, 2)],
    [t('plan.on-the-way'), (o) => t('visit.minutes', { minutes: f.pieces(Math.round(o.travel_seconds / 60)) })],
    [t('plan.blanks'), (o) => f.pieces(o.blanks.reserved)],
  ];
  return (
    <>
      <Title order={3} size="h5" mb={6}>{t('plan.effect')}</Title>
      <Sortable
        caption={t('plan.effect')} rows={rows} id={(r) => r[0]}
        columns={[
          { key: 'label', head: t('stale.field'), cell: (r) => r[0] },
          { key: 'now', head: t('plan.now'), cell: (r) => r[1](plan.outcome), number: true },
          { key: 'then', head: t('plan.then'), cell: (r) => (r[1](then) === r[1](plan.outcome) ? r[1](then) : <b className="changed">{r[1](then)}</b>), number: true },
        ]}
      />
    </>
  );
}

// Done says what was done by hand, and undoes it. A visit that was taken off comes back as a new one, to which its site
// has not agreed yet; a share of a large site does not come back by itself.
export function Done({ plan, deed, undone }: { plan: Plan; deed: Deed; undone: () => void }) {
  const { t } = useWords();
  const open = (plan.visits ?? []).filter(isOpen);
  const visit = 'visit' in deed ? open.find((v) => v.id === deed.visit) : deed.how === 'put' ? open.find((v) => v.site === deed.id) : undefined;
  const undo = useDeed((_: Deed, key) => {
    switch (deed.how) {
      case 'move': return change(visit!, visit!.site, { how: 'move', ...deed.was }, key);
      case 'put': return change(visit!, deed.id, { how: 'drop', team: 0, day: '' }, key);
      case 'drop': return change(plan, deed.id, { how: 'put', ...deed.was }, key);
      default: return change(visit!, visit!.site, { how: deed.how === 'pin' ? 'unpin' : 'pin', team: 0, day: '' }, key);
    }
  });
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), [deed]);
  const can = deed.how === 'drop' ? deed.whole : visit !== undefined;
  return (
    <>
      <Summary problem={undo.problem} />
      <Alert ref={box} tabIndex={-1} role="status" variant="outline" className="noprint">
        <Group justify="space-between">
          <Text>{t(`plan.did.${deed.how}`, { site: deed.site })}</Text>
          {can && <Button variant="outline" size="compact-md" loading={undo.busy} onClick={() => void undo.act(deed).then((made) => made && undone())}>{t('plan.undo')}</Button>}
        </Group>
      </Alert>
    </>
  );
}
