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

// useTrial asks what a change by hand would make of the plan; nothing is saved. Where somebody else has changed it
// meanwhile the plan is read anew.
export function useTrial(plan: Plan, taken: Taken, wish: Wish, enabled: boolean, read?: Visit | Plan) {
  const on = read ?? ('visit' in taken ? plan.visits?.find((v) => v.id === taken.visit) : undefined) ?? plan;
  const site = 'site' in taken ? taken.site : 0; // only a site that is put on a plan is named
  const queries = useQueryClient();
  const trial = useQuery({
    queryKey: ['try', plan.id, plan.version, 'visit' in taken ? taken.visit : 0, site, on.version, wish], enabled, retry: false, staleTime: 60_000,
    queryFn: () => change(on, site, wish, once(), true) as Promise<Outcome>,
  });
  const { error } = trial;
  useEffect(() => {
    if (error && asProblem(error).status === 412) void queries.invalidateQueries({ queryKey: ['plan'] });
  }, [error, queries]);
  return trial;
}

// crewOf are the teams that a visit can go to, and before them those where it is, or was dragged to, that do not go any
// more: they are named, and cannot be chosen.
export function crewOf(crew: Team[], visit: Pick<Visit, 'team' | 'team_name'> | undefined, team: number, teams: Team[]): { id: number; name: string; goes: boolean }[] {
  const others = [...new Set([visit?.team ?? 0, team])].filter((id) => id !== 0 && !crew.some((x) => x.id === id));
  return [
    ...others.map((id) => ({ id, name: (id === visit?.team ? visit.team_name : teams.find((x) => x.id === id)?.name) ?? '', goes: false })),
    ...crew.map((x) => ({ id: x.id, name: x.name, goes: true })),
  ];
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
  const [over, end] = useState(false); // done, and the plan read anew
  const site = visit?.site ?? out!.site;
  const name = visit?.site_name ?? out!.name;
  const deed = useDeed(async (on: { on: Visit | Plan; wish: Wish }, key) => {
    const made = await change(on.on, site, on.wish, key);
    end(true);
    return made;
  });
  const wish: Wish = { how: dropping ? 'drop' : visit ? 'move' : 'put', team, day };
  const stays = !dropping && visit !== undefined && team === visit.team && day === visit.day;
  const changed = current.version !== read.version && !over; // by somebody else meanwhile
  const trial = useTrial(plan, taken, wish, !stays && day !== '' && !changed && !over, read);
  const refused: Problem | null = deed.problem ?? (!stays && trial.error ? asProblem(trial.error) : null);
  const reason = refused?.code === 'visit-does-not-fit' ? refused : null;
  const error = useFieldError(refused);

  async function act(how: Wish['how'], on = read) {
    const was = { team: visit?.team ?? team, day: visit?.day ?? day };
    const made = await deed.act({ on, wish: { how, team, day } });
    if (!made) {
      await queries.invalidateQueries({ queryKey: ['plan'] }); // what somebody else did meanwhile
      return;
    }
    done(how === 'put' ? { how, id: site, site: name } : how === 'drop' ? { how, id: site, site: name, was, whole: visit!.shares === 1 } : how === 'move' ? { how, visit: visit!.id, site: name, was } : { how, visit: visit!.id, site: name });
  }

  return (
    <Dialog opened title={name} close={close}>
      <Stack>
        {changed ? (
          <Stale differences={factsOf(words, visit !== undefined).map(([label, of]) => ({ label, read: of(read), now: of(current) }))} busy={deed.busy} again={() => { setRead(current); deed.forget(); }} />
        ) : (
          !reason && refused && <Summary problem={refused} inputs={{ 'body.team': 'to-team', 'body.day': 'to-day' }} />
        )}
        {visit && <Text>{visit.team_name}, {f.weekDay(visit.day)}, {hours(visit, f)}{visit.pinned ? `; ${t('plan.pinned')}` : ''}</Text>}
        {visit?.published && <Text size="sm" c="dimmed">{t('plan.announced-hint')}</Text>}
        {dropping ? (
          <Text>{t('plan.drop-hint')}</Text>
        ) : (
          <div className="fields">
            <NativeSelect id="to-team" label={t('visit.team')} value={String(team)} onChange={(e) => setTeam(Number(e.currentTarget.value))} data={crewOf(crew, visit, team, teams).map((x) => ({ value: String(x.id), label: x.goes ? x.name : t('plan.not-going', { team: x.name }), disabled: !x.goes }))} error={error('body.team')} />
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
              {visit && <Button variant="outline" disabled={deed.busy || changed} onClick={() => void act(visit.pinned ? 'unpin' : 'pin')}>{t(visit.pinned ? 'plan.unpin' : 'plan.pin')}</Button>}
              {visit && <Button variant="subtle" color="red" disabled={deed.busy} onClick={() => drop(true)}>{t('plan.drop')}</Button>}
              <Button variant="subtle" onClick={close}>{t('app.cancel')}</Button>
            </>
          )}
        </Group>
      </Stack>
    </Dialog>
  );
}

// factsOf are what of a visit, or else of a plan, another person may have changed.
const factsOf = (words: ReturnType<typeof useWords>, visit: boolean): [string, (x: Visit | Plan) => string][] => {
  const { t, f } = words;
  return visit
    ? visitFacts(words).map(([label, of]) => [label, (x) => of(x as Visit)])
    : [[t('region.state'), (x) => t(`plan.state.${(x as Plan).state}`)], [t('plan.visits'), (x) => f.pieces((x as Plan).outcome.visits)], [t('plan.expected'), (x) => f.pieces((x as Plan).outcome.expected)]];
};

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
// has not agreed yet; a share of a large site does not come back by itself. What somebody else did since is shown first.
export function Done({ plan, deed, undone }: { plan: Plan; deed: Deed; undone: () => void }) {
  const words = useWords();
  const { t } = words;
  const queries = useQueryClient();
  const [read, setRead] = useState<Visit | Plan | null>(null); // what the undoing built on
  const open = (plan.visits ?? []).filter(isOpen);
  const visit = 'visit' in deed ? open.find((v) => v.id === deed.visit) : deed.how === 'put' ? open.find((v) => v.site === deed.id) : undefined;
  const undo = useDeed(({ on }: { deed: Deed; on: Visit | Plan }, key) => {
    switch (deed.how) {
      case 'move': return change(on, 0, { how: 'move', ...deed.was }, key);
      case 'put': return change(on, 0, { how: 'drop', team: 0, day: '' }, key);
      case 'drop': return change(on, deed.id, { how: 'put', ...deed.was }, key);
      default: return change(on, 0, { how: deed.how === 'pin' ? 'unpin' : 'pin', team: 0, day: '' }, key);
    }
  });
  const target = deed.how === 'drop' ? plan : visit;
  const now = deed.how === 'drop' ? plan : (plan.visits ?? []).find((v) => v.id === read?.id); // also one that is not open any more
  const status = undo.problem?.status;
  const changed = read && now && (status === 409 || status === 412) && now.version !== read.version ? now : null;
  async function act(on: Visit | Plan) {
    setRead(on);
    if (await undo.act({ deed, on })) return undone();
    await queries.invalidateQueries({ queryKey: ['plan'] });
  }
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), [deed]);
  const can = deed.how === 'drop' ? deed.whole : visit !== undefined;
  return (
    <>
      {read && changed ? (
        <Stale
          differences={factsOf(words, deed.how !== 'drop').map(([label, of]) => ({ label, read: of(read), now: of(changed) }))} busy={undo.busy}
          again={status === 412 && target ? () => void act(target) : undefined} why={status === 409 ? words.problem(undo.problem!) : undefined}
        />
      ) : (
        <Summary problem={undo.problem} />
      )}
      <Alert ref={box} tabIndex={-1} role="status" variant="outline" className="noprint">
        <Group justify="space-between">
          <Text>{t(`plan.did.${deed.how}`, { site: deed.site })}</Text>
          {can && <Button variant="outline" size="compact-md" loading={undo.busy} onClick={() => void act(target!)}>{t('plan.undo')}</Button>}
        </Group>
      </Alert>
    </>
  );
}
