import { Button, Group, NumberInput, Paper, Stack, Text, Textarea, TextInput, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Schemas } from '../api/client';
import { asProblem, type Problem } from '../api/problem';
import { today, type Zone } from '../format';
import { device, type Waiting } from '../outbox/database';
import { again } from '../outbox/outbox';
import { sendNow } from '../outbox/queue';
import { submit } from '../outbox/submit';
import { useSession } from '../session';
import { Choice } from '../shell/choice';
import { Summary, useFieldError } from '../shell/trouble';
import { useHere, type Visit } from '../visits';
import { useWords } from '../words';

type NewResult = Schemas['NewResult'];

// Told is what became of a record: sent, kept on the device for later, or beside another one that says otherwise.
export type Told = 'sent' | 'kept' | 'conflict';

const main = ['present', 'served', 'recorded', 'printed', 'akta'] as const;
const more = ['ikd', 'kia'] as const;
const failures = ['no-network', 'no-power', 'equipment', 'biometrics', 'no-document', 'unknown-nik', 'no-blank', 'refused', 'other'] as const;
type Field = (typeof main)[number] | (typeof more)[number] | 'blanks_taken' | 'blanks_spoiled';
type Typed = Partial<{ [field in Field]: number | string }>;

// RecordForm records a visit in a few numbers, with the point and time of the device. It is written on the device first and
// sent when the network is there; what waits there already can be mended.
export function RecordForm({ visit: v, started, mend, write, done, cancel }: {
  visit: Visit; started?: boolean; mend?: Waiting; write?: () => void; done: (told: Told) => void; cancel?: () => void;
}) {
  const { me } = useSession();
  const { t, f } = useWords();
  const queries = useQueryClient();
  const was = mend?.body as NewResult | undefined;
  const now = today(v.zone as Zone);
  const [typed, type] = useState<Typed>(() => (was ? { present: was.present, served: was.served, recorded: was.recorded, printed: was.printed, akta: was.akta, ikd: was.ikd || '', kia: was.kia || '', blanks_taken: was.blanks_taken, blanks_spoiled: was.blanks_spoiled } : {}));
  const [failed, fail] = useState<{ [reason: string]: number | string }>(() => Object.fromEntries((was?.failures ?? []).map((x) => [x.reason, x.people])));
  const [day, setDay] = useState(was?.day ?? (v.day > now ? now : v.day));
  const [whole, setWhole] = useState<'done' | 'partial'>(was && !was.complete ? 'partial' : 'done');
  const [note, setNote] = useState(was?.note ?? '');
  const [session, tell] = useState<{ topic: string; audience: number | string; material: string }>({ topic: was?.session?.topic ?? '', audience: was?.session?.audience ?? '', material: was?.session?.material ?? '' });
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const [here, seek] = useHere();
  const error = useFieldError(problem);

  const prints = v.blanks > 0;
  const n = (field: Field) => Number(typed[field] || 0);
  const printed = n('printed');
  const used = printed + n('blanks_spoiled');
  // A visit without blanks of its own may use those of the day's other visits: they lie in one bag.
  const taken = !prints ? used : typed.blanks_taken === undefined ? (v.handed ?? v.blanks) : n('blanks_taken');
  const returned = taken - used;
  const untitled = (Number(session.audience || 0) > 0 || !!session.material.trim()) && !session.topic.trim();
  const agreed = v.state === 'under-way' || started; // the team and the office have agreed on what was taken

  function body(): NewResult {
    const lost = failures.flatMap((reason) => (Number(failed[reason] || 0) > 0 ? [{ reason, people: Number(failed[reason]) }] : []));
    return {
      report: was?.report ?? crypto.randomUUID(), complete: whole === 'done', day,
      present: n('present'), served: n('served'), recorded: n('recorded'), printed, akta: n('akta'), ikd: n('ikd'), kia: n('kia'),
      blanks_taken: taken, blanks_used: printed, blanks_spoiled: n('blanks_spoiled'), blanks_returned: Math.max(0, returned),
      ...(lost.length > 0 ? { failures: lost } : {}),
      ...(here.state === 'known' ? { lon: here.lon, lat: here.lat, accuracy_m: here.accuracy } : was?.lon !== undefined ? { lon: was.lon, lat: was.lat, accuracy_m: was.accuracy_m } : {}),
      taken_at: was?.taken_at ?? new Date().toISOString(),
      ...(session.topic.trim() ? { session: { topic: session.topic.trim(), audience: Number(session.audience || 0), ...(session.material.trim() ? { material: session.material.trim() } : {}) } } : {}),
      ...(note ? { note } : {}),
    };
  }

  async function save(event: React.FormEvent) {
    event.preventDefault();
    if (returned < 0) {
      document.getElementById('blanks_spoiled')?.focus();
      return;
    }
    if (untitled) {
      const topic = document.getElementById('session-topic');
      topic?.closest('details')?.setAttribute('open', ''); // nothing is found in what is folded
      topic?.focus();
      return;
    }
    setBusy(true);
    setProblem(null);
    write?.();
    if (mend) {
      try {
        const id = await again(mend.id, body());
        await sendNow(me.username, true);
        await queries.invalidateQueries();
        const state = (await device.outbox.get(id))?.state;
        done(state === 'sent' ? 'sent' : state === 'waiting' ? 'kept' : 'conflict');
      } catch (e) {
        setBusy(false);
        setProblem(asProblem(e));
      }
      return;
    }
    const got = await submit({ user: me.username, kind: 'result', title: t('result.record', { site: v.site_name, day: f.shortDate(v.day) }), path: `/api/v1/visits/${v.id}/results`, body: body(), visit: v.id, read: v });
    setBusy(false);
    if (got.problem) {
      setProblem(got.problem);
      return;
    }
    done(got.sent ? 'sent' : got.conflict ? 'conflict' : 'kept');
    if (got.sent) await queries.invalidateQueries();
  }

  const input = (field: Field, label: string, value: number | string, extra: object = {}) => (
    <NumberInput
      key={field} id={field} label={label} value={value} onChange={(x) => type((had) => ({ ...had, [field]: x }))} placeholder="0" hideControls inputMode="numeric" min={0}
      allowDecimal={false} allowNegative={false} thousandSeparator="." decimalSeparator="," error={error(`body.${field}`)} {...extra}
    />
  );
  return (
    <Paper withBorder p="md" component="form" aria-labelledby="record" onSubmit={(e: React.FormEvent) => void save(e)}>
      <Stack>
        <Title order={2} size="h4" id="record">{t('result.enter')}</Title>
        <Summary problem={problem} inputs={{ ...Object.fromEntries([...main, ...more, 'blanks_taken', 'blanks_spoiled', 'day', 'note'].map((x) => [`body.${x}`, x])), 'body.session.topic': 'session-topic' }} />
        <div className="fields">
          {main.filter((x) => prints || x !== 'printed').map((x) => input(x, t(`result.${x}`), typed[x] ?? ''))}
        </div>
        {n('served') > n('present') && <Text className="banner synthetic" role="status">{t('result.flag.served-above-present')}</Text>}
        {prints ? (
          <fieldset className="plain">
            <legend>{t('visit.blanks-title')}</legend>
            <div className="fields">
              {input('blanks_taken', t('result.blanks_taken'), taken, agreed ? { readOnly: true, description: t('result.agreed') } : { min: 0, max: v.blanks })}
              {input('blanks_spoiled', t('result.blanks_spoiled'), typed.blanks_spoiled ?? '', returned < 0 ? { error: t('result.too-many', { taken: f.pieces(taken) }) } : {})}
            </div>
            <dl className="terms under" aria-live="polite">
              <dt>{t('result.blanks_used')}</dt><dd>{f.pieces(printed)}</dd>
              <dt className="sum">{t('result.blanks_returned')}</dt><dd className="sum">{f.pieces(Math.max(0, returned))}</dd>
            </dl>
          </fieldset>
        ) : (
          <fieldset className="plain">
            <legend>{t('visit.blanks-title')}</legend>
            <Text size="sm" mb="xs">{t('result.no-blanks')}</Text>
            <div className="fields">
              {input('printed', t('result.printed'), typed.printed ?? '')}
              {input('blanks_spoiled', t('result.blanks_spoiled'), typed.blanks_spoiled ?? '')}
            </div>
          </fieldset>
        )}
        <Choice label={t('result.how')} value={whole} onChange={setWhole} options={[['done', t('result.complete')], ['partial', t('result.partial')]]} />
        {v.day !== now && <TextInput id="day" type="date" label={t('result.day')} value={day} max={now} required onChange={(e) => setDay(e.currentTarget.value)} maw={220} error={error('body.day')} description={v.day > now ? t('result.early', { day: f.shortDate(v.day) }) : undefined} />}
        <details className="extra" open={was !== undefined && (!!was.failures?.length || was.ikd + was.kia > 0 || !!was.session || !!was.note)}>
          <summary>{t('result.more')}</summary>
          <Stack mt="xs">
            <div className="fields">{more.map((x) => input(x, t(`result.${x}`), typed[x] ?? ''))}</div>
            <fieldset className="plain">
              <legend>{t('result.failures')}</legend>
              <div className="fields">
                {failures.map((reason) => (
                  <NumberInput
                    key={reason} id={`failed-${reason}`} label={t(`result.failure.${reason}`)} value={failed[reason] ?? ''} onChange={(x) => fail((had) => ({ ...had, [reason]: x }))} placeholder="0" hideControls inputMode="numeric"
                    min={0} allowDecimal={false} allowNegative={false} thousandSeparator="." decimalSeparator=","
                  />
                ))}
              </div>
            </fieldset>
            <fieldset className="plain">
              <legend>{t('result.session')}</legend>
              <TextInput id="session-topic" label={t('result.topic')} value={session.topic} onChange={(e) => tell({ ...session, topic: e.currentTarget.value })} maxLength={200} mb="sm" error={untitled ? t('result.topic-missing') : error('body.session.topic')} />
              <div className="fields">
                <NumberInput
                  id="session-audience" label={t('result.audience')} value={session.audience} onChange={(x) => tell({ ...session, audience: x })} placeholder="0" hideControls inputMode="numeric"
                  min={0} allowDecimal={false} allowNegative={false} thousandSeparator="." decimalSeparator="," error={error('body.session.audience')}
                />
                <TextInput id="session-material" label={t('result.material')} value={session.material} onChange={(e) => tell({ ...session, material: e.currentTarget.value })} maxLength={200} error={error('body.session.material')} />
              </div>
            </fieldset>
            <Textarea id="note" label={t('request.note')} description={t('result.note-hint')} value={note} onChange={(e) => setNote(e.currentTarget.value)} maxLength={500} autosize error={error('body.note')} />
          </Stack>
        </details>
        <Group gap="sm">
          <Text role="status" className="here" data-here={here.state}>
            {here.state === 'known' ? t('here.known', { metres: f.pieces(here.accuracy) }) : here.state === 'asking' ? t('here.asking') : t('here.none')}
          </Text>
          {here.state !== 'asking' && <Button variant="subtle" size="compact-md" onClick={seek}>{t('here.again')}</Button>}
        </Group>
        <Group>
          <Button type="submit" loading={busy}>{t('result.save')}</Button>
          {cancel && <Button variant="subtle" onClick={cancel}>{t('app.cancel')}</Button>}
        </Group>
      </Stack>
    </Paper>
  );
}
