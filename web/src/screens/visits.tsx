import { Anchor, NativeSelect, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { asProblem } from '../api/problem';
import type { Zone } from '../format';
import { useUnsent } from '../outbox/queue';
import { useSession } from '../session';
import { Choice } from '../shell/choice';
import { State } from '../shell/figure';
import { Page } from '../shell/page';
import { Since } from '../shell/since';
import { Loading, Trouble } from '../shell/trouble';
import { isOpen, number, people, useCarried, useTeams, useVisits, type Visit } from '../visits';
import { useWords } from '../words';

const remembered = (user: string) => `blangko-team-${user}`;

// VisitsPage is the day of a team: where it goes, in which order, with what; what is not recorded yet, and what comes next.
export function VisitsPage() {
  const { me, today } = useSession();
  const { t, f } = useWords();
  const visits = useVisits();
  const teams = useTeams();
  const [chosen, choose] = useState(() => Number(localStorage.getItem(remembered(me.username))) || 0);
  const all = (visits.data?.value.items ?? []).filter((v) => v.published);
  const team = pick(chosen, all, today);
  const own = all.filter((v) => v.team === team);
  const due = own.filter((v) => v.day < today && isOpen(v));
  const now = own.filter((v) => v.day === today);
  const later = own.filter((v) => v.day > today && v.state !== 'cancelled');
  useCarried([...due, ...now, ...later]);
  if (visits.isPending) return <Loading />;
  if (visits.isLoadingError) return <Trouble problem={asProblem(visits.error)} again={() => void visits.refetch()} />;
  const names = new Map([...(teams.data?.value.items ?? []).filter((x) => x.status === 'active').map((x) => [x.id, x.name] as const), ...all.map((v) => [v.team, v.team_name || t('visit.team-number', { team: v.team })] as const)]);
  const set = (id: number) => {
    localStorage.setItem(remembered(me.username), String(id));
    choose(id);
  };
  const days = [...new Set(later.map((v) => v.day))];
  const going = now.filter((v) => v.state !== 'cancelled' && v.state !== 'missed');
  return (
    <Page
      title={t('visit.title')} narrow
      about={going.length > 0 ? t('visit.sum', { count: going.length, people: f.pieces(sum(going, (v) => number(v.expected))), blanks: f.pieces(sum(going, (v) => v.blanks)) }) : f.date(today)}
    >
      <Since at={visits.data.since} />
      {names.size > 1 && (names.size <= 3 ? (
        <Choice label={t('visit.team')} value={String(team)} onChange={(v) => set(Number(v))} options={[...names].map(([id, name]) => [String(id), name] as const)} />
      ) : (
        <NativeSelect label={t('visit.team')} value={String(team)} onChange={(e) => set(Number(e.currentTarget.value))} maw={420} data={[...names].map(([id, name]) => ({ value: String(id), label: name }))} />
      ))}
      {due.length > 0 && <Stops title={t('visit.due')} visits={due} dated />}
      <Stops title={t('visit.today', { day: f.date(today) })} visits={now} ordered empty={days[0] ? t('visit.none-today-next', { day: f.date(days[0]) }) : t('visit.none-today')} />
      {days.map((day) => <Stops key={day} title={f.date(day)} visits={later.filter((v) => v.day === day)} ordered />)}
      {team > 0 && own.length > 0 && <Anchor href={`/api/v1/teams/${team}/calendar`} className="more noprint">{t('visit.calendar')}</Anchor>}
    </Page>
  );
}

const sum = (visits: Visit[], of: (v: Visit) => number) => visits.reduce((n, v) => n + of(v), 0);

// pick is the team that was chosen on this device, else the one that goes out today or next.
function pick(chosen: number, visits: Visit[], today: string): number {
  if (chosen) return chosen;
  return (visits.find((v) => v.day >= today && isOpen(v)) ?? visits.at(-1))?.team ?? 0;
}

function Stops({ title, visits, ordered, dated, empty }: { title: string; visits: Visit[]; ordered?: boolean; dated?: boolean; empty?: string }) {
  return (
    <section aria-label={title}>
      <Title order={2} size="h4" mb="xs">{title}</Title>
      {visits.length === 0 ? <Text>{empty}</Text> : (
        <ol className="stops">{visits.map((v, i) => <Stop key={v.id} visit={v} order={ordered ? i + 1 : undefined} dated={dated} />)}</ol>
      )}
    </section>
  );
}

function Stop({ visit: v, order, dated }: { visit: Visit; order?: number; dated?: boolean }) {
  const { t, f } = useWords();
  const { me } = useSession();
  const waits = useUnsent(me.username).some((r) => r.visit === v.id);
  return (
    <li>
      <Link to="/visits/$id" params={{ id: String(v.id) }}>
        {order && <span className="order" aria-hidden>{order}</span>}
        <span className="grow">
          <b>{v.site_name || t('visit.elsewhere')}</b>
          <span className="told">
            {dated ? f.shortDate(v.day) + ', ' : ''}{hours(v, f)} · {t(`site.kind.${v.site_kind}`)}
          </span>
          <span className="told">
            {t('visit.needs', { people: people(v.expected, f, t) })} · {v.record_only ? t('visit.record-only') : t('visit.blanks', { blanks: f.pieces(v.blanks) })}
          </span>
        </span>
        <span className="states">{waits && <State state="waiting" of="queue.state" />}<State state={v.state} of="visit.state" /></span>
      </Link>
    </li>
  );
}

// hours are when a visit begins and ends, in the zone where it is.
export const hours = (v: Visit, f: ReturnType<typeof useWords>['f']) => `${f.hour(v.starts_at, v.zone as Zone)}–${f.hour(v.ends_at, v.zone as Zone)} ${v.zone}`;
