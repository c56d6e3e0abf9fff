import { Alert, Anchor, Button, Group, NativeSelect, NumberInput, Paper, Stack, Text, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, call, type Schemas } from '../api/client';
import { asProblem, type Problem } from '../api/problem';
import { useKept } from '../data';
import { useUnsent } from '../outbox/queue';
import { submit } from '../outbox/submit';
import { useSession } from '../session';
import { Page } from '../shell/page';
import { Since } from '../shell/since';
import { Loading, Summary, Trouble, useFieldError } from '../shell/trouble';
import { useWords } from '../words';

const purposes = ['first-time', 'moved', 'marital', 'damaged', 'lost', 'data-change', 'outreach', 'other'] as const;

// UsePage is the daily report: what was printed for whom, what was spoiled, and whether the shelf agrees. A calendar shows
// the days that are missing.
export function UsePage() {
  const { region } = useSession();
  const { t } = useWords();
  const [chosen, choose] = useState<number | null>(null);
  const places = useKept(['places', region.code], () => call(api.GET('/api/v1/places', { params: { query: { region: region.code, limit: 1000 } } })));
  if (places.isPending) return <Loading />;
  if (places.isLoadingError) return <Trouble problem={asProblem(places.error)} again={() => void places.refetch()} />;
  const own = (places.data.value.items ?? []).filter((p) => p.kind === 'regency' || p.kind === 'service').sort((a, b) => a.region.localeCompare(b.region));
  const place = own.find((p) => p.id === chosen) ?? own[0];
  if (!place) return <Text>{t('use.no-place')}</Text>;
  return (
    <Page title={t('nav.use')} about={t('use.about')}>
      <Since at={places.data.since} />
      {own.length > 1 && (
        <NativeSelect
          label={t('use.place')} value={String(place.id)} onChange={(e) => choose(Number(e.currentTarget.value))} maw={420}
          data={own.map((p) => ({ value: String(p.id), label: p.name }))}
        />
      )}
      <Day key={place.id} place={place} />
    </Page>
  );
}

function Day({ place }: { place: Schemas['Place'] }) {
  const { today } = useSession();
  const [day, setDay] = useState(today);
  const month = day.slice(0, 7);
  const calendar = useKept(['calendar', place.id, month], () => call(api.GET('/api/v1/uses/calendar', { params: { query: { place: place.id, month } } })));
  const days = calendar.data?.value.items ?? [];
  const reported = days.find((d) => d.date === day && d.reported);
  return (
    <div className="two">
      {calendar.isPending ? <Loading /> : <Form key={`${place.id} ${day}`} place={place} day={day} reported={reported} />}
      <Calendar days={days} place={place.id} day={day} month={month} choose={setDay} />
    </div>
  );
}

function Form({ place, day, reported }: { place: Schemas['Place']; day: string; reported?: Schemas['CalendarDay'] }) {
  const { t, f } = useWords();
  const { me } = useSession();
  const queries = useQueryClient();
  const [printed, setPrinted] = useState<Record<string, number | string>>({});
  const [spoiled, setSpoiled] = useState<number | string>(0);
  const [shelf, setShelf] = useState<number | string>('');
  const [problem, setProblem] = useState<Problem | null>(null);
  const [done, setDone] = useState<'sent' | 'kept' | 'conflict' | null>(null);
  const [busy, setBusy] = useState(false);
  const error = useFieldError(problem);
  const held = useKept(['place', place.id], () => call(api.GET('/api/v1/places/{id}', { params: { path: { id: place.id } } })));
  const opening = (held.data?.value.stock ?? []).filter((b) => b.item === 'ktp-el' && b.condition === 'usable').reduce((n, b) => n + b.pieces, 0);
  // What waits on this device has left the shelf already.
  const waiting = useUnsent(me.username).filter((r) => r.kind === 'use' && r.state === 'waiting' && (r.body as Schemas['NewUse']).place === place.id);
  const gone = waiting.reduce((n, r) => n + total(r.body as Schemas['NewUse']), 0);
  const lines = purposes.map((purpose) => ({ purpose, pieces: Number(printed[purpose] || 0) })).filter((l) => l.pieces > 0);
  const body: Schemas['NewUse'] = { place: place.id, item: 'ktp-el', date: day, lines, spoiled: Number(spoiled || 0) };
  const closing = opening - gone - total(body);
  const off = shelf === '' ? 0 : Number(shelf) - closing;

  async function record(event: React.FormEvent) {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    const how = await submit({ user: me.username, kind: 'use', title: t('use.record', { day: f.shortDate(day), place: place.name }), path: '/api/v1/uses', body });
    setBusy(false);
    if (how.problem) setProblem(how.problem);
    else setDone(how.sent ? 'sent' : how.conflict ? 'conflict' : 'kept');
    if (how.sent) await queries.invalidateQueries();
  }

  if (done) {
    return (
      <Alert role="status" variant="outline" title={t(`use.done-${done}`)}>
        {done !== 'sent' && <Anchor component={Link} to="/queue">{t('queue.see')}</Anchor>}
      </Alert>
    );
  }
  if (reported) {
    return (
      <Paper withBorder p="md">
        <Title order={2} size="h4">{f.date(day)}</Title>
        <dl className="terms">
          <dt>{t('use.printed')}</dt><dd>{f.pieces(reported.pieces)}</dd>
          <dt>{t('use.spoiled')}</dt><dd>{f.pieces(reported.spoiled)}</dd>
        </dl>
        <Text mt="sm">{t('use.reported')}</Text>
      </Paper>
    );
  }
  const inputs = Object.fromEntries(lines.flatMap((l, i) => [[`body.lines[${i}].pieces`, `p-${l.purpose}`], [`body.lines[${i}].purpose`, `p-${l.purpose}`]]));
  return (
    <Paper withBorder p="md" component="form" onSubmit={(e: React.FormEvent) => void record(e)} aria-labelledby="day">
      <Stack>
        <Title order={2} size="h4" id="day">{f.date(day)}</Title>
        <Summary problem={problem} inputs={{ ...inputs, 'body.spoiled': 'spoiled' }} />
        <fieldset className="plain">
          <legend>{t('use.by-purpose')}</legend>
          <div className="fields">
            {purposes.map((p) => (
              <NumberInput
                key={p} id={`p-${p}`} label={t(`use.purpose.${p}`)} value={printed[p] ?? ''} onChange={(v) => setPrinted((was) => ({ ...was, [p]: v }))} placeholder="0" hideControls
                inputMode="numeric" allowDecimal={false} allowNegative={false} thousandSeparator="." decimalSeparator="," error={error(`body.lines[${lines.findIndex((l) => l.purpose === p)}].pieces`)}
              />
            ))}
          </div>
        </fieldset>
        <NumberInput id="spoiled" label={t('use.spoiled')} value={spoiled} onChange={setSpoiled} inputMode="numeric" allowDecimal={false} allowNegative={false} thousandSeparator="." decimalSeparator="," hideControls maw={220} error={error('body.spoiled')} />
        <dl className="terms" aria-live="polite">
          <dt>{t('use.opening')}</dt><dd>{f.pieces(opening)}</dd>
          {gone > 0 && <><dt>{t('use.waiting')}</dt><dd>− {f.pieces(gone)}</dd></>}
          <dt>{t('use.printed')}</dt><dd>− {f.pieces(lines.reduce((n, l) => n + l.pieces, 0))}</dd>
          <dt>{t('use.spoiled')}</dt><dd>− {f.pieces(Number(spoiled || 0))}</dd>
          <dt className="sum">{t('use.closing')}</dt><dd className="sum">{f.pieces(closing)}</dd>
        </dl>
        <NumberInput id="shelf" label={t('use.shelf')} description={t('use.shelf-hint')} value={shelf} onChange={setShelf} inputMode="numeric" allowDecimal={false} allowNegative={false} thousandSeparator="." decimalSeparator="," hideControls maw={280} />
        {closing < 0 && <Text className="banner synthetic" role="status">{t('use.too-much')}</Text>}
        {off !== 0 && <Text className="banner synthetic" role="status">{t('use.off', { pieces: f.pieces(Math.abs(off)), way: t(off > 0 ? 'use.off-more' : 'use.off-less') })}</Text>}
        {off === 0 && shelf !== '' && <Text c="var(--good)" fw={600} role="status">{t('use.agrees')}</Text>}
        <Button type="submit" loading={busy} w="fit-content">{t(lines.length === 0 && !Number(spoiled) ? 'use.none' : 'use.save')}</Button>
      </Stack>
    </Paper>
  );
}

const total = (u: Schemas['NewUse']) => (u.lines ?? []).reduce((n, l) => n + l.pieces, 0) + (u.spoiled ?? 0);

function Calendar({ days, place, day, month, choose }: { days: Schemas['CalendarDay'][]; place: number; day: string; month: string; choose: (day: string) => void }) {
  const { t, f } = useWords();
  const { today } = useSession();
  const first = days[0] ? (new Date(days[0].date + 'T00:00:00Z').getUTCDay() + 6) % 7 : 0;
  const moved = (by: number) => {
    const d = new Date(month + '-01T00:00:00Z');
    d.setUTCMonth(d.getUTCMonth() + by);
    return d.toISOString().slice(0, 7);
  };
  const missing = days.filter((d) => d.missing).length;
  const status = (d: Schemas['CalendarDay']) => (d.reported ? 'reported' : d.missing ? 'missing' : d.business ? 'due' : 'off');
  return (
    <section aria-labelledby={`calendar-${place}`}>
      <Group justify="space-between" mb="xs">
        <Button variant="subtle" onClick={() => choose(moved(-1) + '-01')} aria-label={t('use.month-before')}>‹</Button>
        <Title order={2} size="h4" id={`calendar-${place}`}>{f.month(month)}</Title>
        <Button variant="subtle" onClick={() => choose(moved(1) === today.slice(0, 7) ? today : moved(1) + '-01')} disabled={month >= today.slice(0, 7)} aria-label={t('use.month-after')}>›</Button>
      </Group>
      <Text mb="xs">{missing > 0 ? t('use.missing', { count: missing }) : t('use.complete')}</Text>
      <div className="days">
        {Array.from({ length: first }, (_, i) => <span key={'x' + i} aria-hidden />)}
        {days.map((d) => (
          <button
            key={d.date} type="button" className={`day ${status(d)} ${d.date === day ? 'chosen' : ''}`} disabled={d.date > today} aria-pressed={d.date === day} onClick={() => choose(d.date)}
            aria-label={`${f.date(d.date)}: ${t(`use.day.${status(d)}`)}${d.reported ? `, ${f.pieces(d.pieces)}` : ''}`}
          >
            <b>{Number(d.date.slice(8))}</b>
            {d.reported ? f.pieces(d.pieces) : ''}
          </button>
        ))}
      </div>
      <ul className="legend">{(['reported', 'missing', 'off'] as const).map((s) => <li key={s}><i className={`day-${s}`} />{t(`use.day.${s}`)}</li>)}</ul>
    </section>
  );
}
