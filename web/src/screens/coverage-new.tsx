import { Button, Group, NativeSelect, NumberInput, Paper, Stack, Text, TextInput, Textarea, Title } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { api, call, type Schemas } from '../api/client';
import type { Problem } from '../api/problem';
import { share, spoken, subjects, useSeries, type Figure, type Subject } from '../coverage';
import { useRegions } from '../data';
import { useDeed } from '../deed';
import { useSession } from '../session';
import { Choice } from '../shell/choice';
import { State } from '../shell/figure';
import { Page } from '../shell/page';
import { Sortable } from '../shell/table';
import { Summary, useFieldError } from '../shell/trouble';
import { useWords } from '../words';
import { Share } from './coverage';

export const main = ['people', 'have', 'lack', 'percent'] as const;
export const stages = ['sent', 'adjudication', 'duplicate', 'print_ready', 'interim_letters'] as const;
type Field = (typeof main)[number] | (typeof stages)[number];
export type Typed = Partial<{ [field in Field]: number | string }>;

export const numbersOf = (typed: Typed) =>
  Object.fromEntries(Object.entries(typed).filter(([, v]) => v !== '' && v !== undefined).map(([k, v]) => [k, Number(v)])) as Partial<{ [field in Field]: number }>;

export const inputs = Object.fromEntries([...main, ...stages, 'as_of', 'period', 'source', 'note', 'region', 'subject'].map((x) => [`body.${x}`, `f-${x}`]));

// monthEnd is the last day of the month before a day: most reports speak of it.
const monthEnd = (day: string) => {
  const d = new Date(day.slice(0, 8) + '01T00:00:00Z');
  d.setUTCDate(0);
  return d.toISOString().slice(0, 10);
};

// dayOf is the last day of 2026-10, 2026-Q3 or 2026-S1.
function dayOf(period: string): string | undefined {
  const found = /^(\d{4})-(?:(\d\d)|Q(\d)|S(\d))$/.exec(period);
  if (!found) return undefined;
  const month = found[2] ? Number(found[2]) : found[3] ? 3 * Number(found[3]) : 6 * Number(found[4]);
  return new Date(Date.UTC(Number(found[1]), month, 0)).toISOString().slice(0, 10);
}

// NewFigurePage takes a figure as it is printed; beside it stand those before, and what looks odd is told while it is typed.
// Nothing odd is refused.
export function NewFigurePage() {
  const { t, f } = useWords();
  const { region: top, today } = useSession();
  const asked = useSearch({ strict: false }) as { subject?: Subject; period?: string };
  const navigate = useNavigate();
  const below = useRegions(top.level === 'province' ? 'regency' : 'district', top.code, top.level !== 'district');
  const [region, setRegion] = useState(top.code);
  const [subject, setSubject] = useState<Subject>(asked.subject ?? 'recording');
  const [asOf, setAsOf] = useState((asked.period && dayOf(asked.period)) ?? monthEnd(today));
  const [period, setPeriod] = useState('');
  const [source, setSource] = useState(t('cover.own-report', { region: top.name }));
  const [note, setNote] = useState('');
  const [typed, type] = useState<Typed>({});
  const record = useDeed((body: Schemas['NewFigure'], key) => call(api.POST('/api/v1/coverage', { params: { header: { 'Idempotency-Key': key } }, body })));
  const series = useSeries(region, subject);
  const before = (series.data?.value ?? []).filter((x) => x.status !== 'draft' && x.as_of < asOf)[0];

  async function save(draft: boolean) {
    const made = await record.act({ region, subject, as_of: asOf, period: period || undefined, source, note: note || undefined, draft, ...numbersOf(typed) } as Schemas['NewFigure']);
    if (made) void navigate({ to: '/coverage/$id', params: { id: String(made.id) } });
  }
  const names = below.data?.value.items ?? [];
  return (
    <Page title={t('cover.enter')} up={{ to: '/coverage', label: t('nav.coverage') }} about={t('cover.enter-about')}>
      <div className="two">
        <Paper withBorder p="md" component="form" onSubmit={(e: React.FormEvent) => { e.preventDefault(); void save(false); }}>
          <Stack>
            <Summary problem={record.problem} inputs={inputs} />
            {names.length > 0 && (
              <NativeSelect id="f-region" label={t('region.region')} value={region} onChange={(e) => setRegion(e.currentTarget.value)} data={[{ value: top.code, label: top.name }, ...names.map((r) => ({ value: r.code, label: r.name }))]} />
            )}
            <Choice label={t('region.subject')} value={subject} onChange={setSubject} options={subjects.map((s) => [s, t(`subject.${s}`)] as const)} />
            <Fields typed={typed} type={type} subject={subject} problem={record.problem} before={before}>
              <TextInput id="f-as_of" type="date" label={t('cover.as-of')} value={asOf} max={today} required onChange={(e) => setAsOf(e.currentTarget.value)} error={useWrong(record.problem, 'as_of')} />
              <TextInput id="f-period" label={t('cover.dkb')} placeholder="2026-S1" value={period} onChange={(e) => setPeriod(e.currentTarget.value.toUpperCase())} maxLength={7} error={useWrong(record.problem, 'period')} />
            </Fields>
            <TextInput id="f-source" label={t('cover.source')} description={t('cover.source-hint')} value={source} onChange={(e) => setSource(e.currentTarget.value)} required maxLength={500} error={useWrong(record.problem, 'source')} />
            <Textarea id="f-note" label={t('request.note')} value={note} onChange={(e) => setNote(e.currentTarget.value)} maxLength={1000} autosize error={useWrong(record.problem, 'note')} />
            <Group>
              <Button type="submit" loading={record.busy}>{t('cover.submit')}</Button>
              <Button variant="outline" onClick={() => void save(true)} loading={record.busy}>{t('cover.draft')}</Button>
            </Group>
          </Stack>
        </Paper>
        <Former title={t('cover.former', { subject: t(`subject.${subject}`) })} figures={series.data?.value ?? []} empty={t('cover.no-former')} f={f} />
      </div>
    </Page>
  );
}

function useWrong(problem: Problem | null, name: string) {
  return useFieldError(problem)(`body.${name}`);
}

// Fields are the numbers of a figure, with what they come to and how that differs from the figure before.
export function Fields({ typed, type, subject, problem, before, children }: { typed: Typed; type: (typed: Typed) => void; subject: string; problem: Problem | null; before?: Figure; children?: ReactNode }) {
  const { t, f } = useWords();
  const error = useFieldError(problem);
  const n = numbersOf(typed);
  const now = share(n);
  const then = before ? share(before) : null;
  const odd = [
    now !== null && now > 1 ? t('cover.above') : '',
    n.people !== undefined && n.have !== undefined && n.lack !== undefined && n.have + n.lack !== n.people ? t('cover.off', { difference: f.pieces(Math.abs(n.people - n.have - n.lack)) }) : '',
    now !== null && then !== null && Math.abs(now - then) > 0.1 ? t('cover.jumps', { was: f.percent(then), now: f.percent(now) }) : '',
    n.people !== undefined && before?.people && Math.abs(n.people / before.people - 1) > 0.2 ? t('cover.people-jump', { was: f.pieces(before.people), now: f.pieces(n.people) }) : '',
  ].filter(Boolean);
  const input = (field: Field) => (
    <NumberInput
      key={field} id={`f-${field}`} label={t(field === 'people' || field === 'have' ? `cover.${field}-of.${subject}` : `cover.${field}`)} value={typed[field] ?? ''} onChange={(v) => type({ ...typed, [field]: v })} hideControls min={0}
      inputMode={field === 'percent' ? 'decimal' : 'numeric'} allowDecimal={field === 'percent'} allowNegative={false} thousandSeparator="." decimalSeparator="," error={error(`body.${field}`)}
    />
  );
  return (
    <>
      {children && <div className="fields">{children}</div>}
      <div className="fields">{main.map(input)}</div>
      <dl className="terms" aria-live="polite">
        <dt>{t('cover.share')}</dt><dd>{f.percent(now)}</dd>
        {before && <><dt>{t('cover.before', { when: spoken(before.as_of, f) })}</dt><dd>{f.percent(then)}</dd></>}
      </dl>
      {odd.map((text) => <Text key={text} className="banner synthetic" role="status">{text}</Text>)}
      {subject === 'recording' && (
        <details className="extra">
          <summary>{t('cover.stages')}</summary>
          <div className="fields">{stages.map(input)}</div>
        </details>
      )}
    </>
  );
}

// Former are the figures before, the newest date first.
export function Former({ title, figures, empty, f }: { title: string; figures: Figure[]; empty: string; f: ReturnType<typeof useWords>['f'] }) {
  const { t } = useWords();
  return (
    <div>
      <Title order={2} size="h4" mb="xs">{title}</Title>
      <Sortable
        caption={title} rows={figures.slice(0, 12)} id={(c) => c.id} empty={empty}
        columns={[
          { key: 'as-of', head: t('region.as-of'), cell: (c) => spoken(c.as_of, f) },
          { key: 'people', head: t('cover.people'), cell: (c) => f.pieces(c.people), number: true, phone: false },
          { key: 'have', head: t('cover.have'), cell: (c) => f.pieces(c.have), number: true },
          { key: 'share', head: t('region.covered'), cell: (c) => <Share of={c} />, number: true },
          { key: 'status', head: t('region.state'), cell: (c) => <State state={c.status} of="cover.status" /> },
        ]}
      />
    </div>
  );
}
