import { Text, Title } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState, type RefObject } from 'react';
import type { Schemas } from '../api/client';
import { asProblem } from '../api/problem';
import { people, type Visit } from '../visits';
import { useWords } from '../words';
import { ahead, going, useTrial, type Taken } from './adjust';
import { why } from './omit';
import { daysOf, type Plan } from './plans';
import { hours } from './visits';

type Team = Schemas['Team'];
type Cell = { team: number; day: string };

// Board shows who goes where on which day. A visit, or a place left out, is dragged to a team and day; what that makes of
// the plan is told where it hovers, and once more before it is done. By keyboard, Enter takes a visit in hand.
export function Board({ plan, teams, held, take }: { plan: Plan; teams: Team[]; held: RefObject<Taken | null>; take?: (taken: Taken) => void }) {
  const { t, f } = useWords();
  const [over, hover] = useState<Cell | null>(null);
  const [still] = useDebouncedValue(over, 250); // where it rests
  const visits = (plan.visits ?? []).filter((v) => v.state !== 'cancelled' && v.state !== 'missed');
  const open = new Set(take ? ahead(plan) : []);
  const names = new Map([...going(plan, teams).map((x) => [x.id, x.name] as const), ...visits.map((v) => [v.team, v.team_name] as const)]);
  const days = daysOf(plan);
  if (visits.length === 0 && !take) return null;
  const same = (c: Cell | null, team: number, day: string) => c?.team === team && c.day === day;
  const lift = (taken: Taken) => (e: React.DragEvent) => {
    held.current = taken;
    e.dataTransfer.effectAllowed = 'move';
    e.dataTransfer.setData('text/plain', ''); // without any, some browsers drag nothing
  };
  return (
    <section aria-labelledby="board" className="wide-only noprint">
      <Title order={2} size="h4" id="board" mb={4}>{t('plan.board')}</Title>
      {take && <Text size="sm" c="dimmed" mb="xs">{t('plan.board-hint')}</Text>}
      <div className="sheet board" tabIndex={0} role="group" aria-label={t('plan.board')} onDragEnd={() => { held.current = null; hover(null); }}>
        <table ref={(it) => { it?.style.setProperty('--cells', String(days.length + 1)); }}>
          <thead>
            <tr>
              <th scope="col">{t('visit.team')}</th>
              {days.map((d) => <th key={d} scope="col">{f.weekDay(d)}</th>)}
            </tr>
          </thead>
          <tbody>
            {[...names].map(([team, name]) => (
              <tr key={team}>
                <th scope="row">{name}</th>
                {days.map((day) => (
                  <td
                    key={day} className={same(over, team, day) ? 'over' : undefined} data-cell={`${team} ${day}`}
                    onDragOver={(e) => {
                      if (!take || !held.current || !open.has(day)) return;
                      e.preventDefault();
                      if (!same(over, team, day)) hover({ team, day });
                    }}
                    onDragLeave={(e) => !e.currentTarget.contains(e.relatedTarget as Node | null) && hover((c) => (same(c, team, day) ? null : c))}
                    onDrop={(e) => {
                      e.preventDefault();
                      const taken = held.current;
                      held.current = null;
                      hover(null);
                      if (taken && !at(plan, taken, { team, day })) take?.({ ...taken, to: { team, day } });
                    }}
                  >
                    {visits.filter((v) => v.team === team && v.day === day).map((v) => <Card key={v.id} visit={v} take={take} lift={lift} />)}
                    {same(over, team, day) && same(still, team, day) && held.current && <Hint plan={plan} taken={held.current} to={{ team, day }} />}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

const at = (plan: Plan, taken: Taken, to: Cell) => 'visit' in taken && (plan.visits ?? []).some((v) => v.id === taken.visit && v.team === to.team && v.day === to.day);

function Card({ visit: v, take, lift }: { visit: Visit; take?: (taken: Taken) => void; lift: (taken: Taken) => (e: React.DragEvent) => void }) {
  const { t, f } = useWords();
  const told = `${hours(v, f)} ${v.site_name || t('visit.elsewhere')}`;
  const more = `${t('visit.needs', { people: people(v.expected, f, t) })}${v.pinned ? `, ${t('plan.pinned')}` : ''}`;
  if (!take || (v.state !== 'proposed' && v.state !== 'confirmed')) return <div className="card fixed"><b>{told}</b><span>{t(`visit.state.${v.state}`)}</span></div>;
  const hold = () => take({ visit: v.id });
  return (
    <div
      className={'card' + (v.state === 'confirmed' ? ' agreed' : '')} draggable role="button" tabIndex={0} aria-label={`${told}, ${more}. ${t('plan.adjust')}`}
      onDragStart={lift({ visit: v.id })} onClick={hold}
      onKeyDown={(e) => {
        if (e.key !== 'Enter' && e.key !== ' ') return;
        e.preventDefault();
        hold();
      }}
    >
      <b>{told}</b><span>{more}</span>
    </div>
  );
}

// Hint says at a glance what letting go here would make of the plan.
function Hint({ plan, taken, to }: { plan: Plan; taken: Taken; to: Cell }) {
  const words = useWords();
  const { t, f } = words;
  const trial = useTrial(plan, taken, { how: 'visit' in taken ? 'move' : 'put', ...to }, !at(plan, taken, to));
  if (at(plan, taken, to)) return null;
  const problem = trial.error ? asProblem(trial.error) : null;
  const more = (n: number) => (n > 0 ? '+' : '') + f.pieces(n);
  return (
    <div className={'hint' + (problem ? ' bad' : '')} role="status">
      {problem ? (problem.code === 'visit-does-not-fit' ? why(problem.facts as unknown as Schemas['Omitted'], words) : words.problem(problem))
        : trial.data ? t('plan.board-effect', { people: more(trial.data.expected - plan.outcome.expected), minutes: more(Math.round((trial.data.travel_seconds - plan.outcome.travel_seconds) / 60)) })
        : t('plan.trying')}
    </div>
  );
}
