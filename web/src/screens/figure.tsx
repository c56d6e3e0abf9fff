import { Button, Group, Paper, Stack, Text, Textarea, TextInput, Title } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { api, call, onto, type Schemas } from '../api/client';
import { asProblem, type Problem } from '../api/problem';
import { share, spoken, told, useSeries, type Figure, type Finding } from '../coverage';
import { useDeed } from '../deed';
import type { Zone } from '../format';
import { useSession } from '../session';
import { State } from '../shell/figure';
import { Page } from '../shell/page';
import { Stale } from '../shell/stale';
import { Loading, Summary, Trouble, useFieldError } from '../shell/trouble';
import { useWords } from '../words';
import { Share } from './coverage';
import { Fields, Former, inputs, main, numbersOf, stages, type Typed } from './coverage-new';

const ask = (id: number) => call(api.GET('/api/v1/coverage/{id}', { params: { path: { id } } }));

// FigurePage is one figure beside those before it: what it says, what cannot be right about it, and the steps until the
// office above has looked at it.
export function FigurePage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const { t, f } = useWords();
  const { me, may, region } = useSession();
  const figure = useQuery({ queryKey: ['figure', id], queryFn: () => ask(Number(id)) });
  const series = useSeries(figure.data?.region ?? '', figure.data?.subject ?? '', !!figure.data);
  const [correcting, correct] = useState(false);
  if (figure.isPending) return <Loading />;
  if (figure.isLoadingError) return <Trouble problem={asProblem(figure.error)} again={() => void figure.refetch()} />;
  const c = figure.data!;
  const former = (series.data?.value ?? []).filter((x) => x.id !== c.id);
  const before = former.find((x) => x.status !== 'draft' && x.as_of < c.as_of);
  const open = (c.findings ?? []).filter((d) => d.state === 'open');
  const numbers = [...main, ...stages].filter((x) => c[x] != null);
  const records = may('coverage.record');
  return (
    <Page
      title={c.name} state={<State state={c.status} of="cover.status" />} up={{ to: '/coverage', label: t('nav.coverage') }}
      about={<>{t(`subject.${c.subject}`)}, {spoken(c.as_of, f)}</>}
    >
      <div className="two">
        <Stack>
          <Paper withBorder p="md" component="section" aria-labelledby="numbers">
            <Title order={2} size="h4" id="numbers" mb="xs">{t('cover.figure')}</Title>
            <dl className="terms">
              {numbers.map((x) => <Term key={x} label={t(x === 'people' || x === 'have' ? `cover.${x}-of.${c.subject}` : x === 'lack' || x === 'percent' ? `cover.${x}-said` : `cover.${x}`)} value={x === 'percent' ? f.percent(c.percent! / 100, 2) : f.pieces(c[x])} />)}
              <dt className="sum">{t('cover.share')}</dt><dd className="sum"><Share of={c} /></dd>
              {before && share(before) !== null && <Term label={t('cover.before', { when: spoken(before.as_of, f) })} value={f.percent(share(before))} />}
            </dl>
            <Text size="sm" mt="sm">{t('cover.from', { source: c.source })}{c.period ? `, DKB ${c.period}` : ''}</Text>
            <Text size="sm" c="dimmed">{t('cover.recorded', { actor: c.recorded_by, when: f.instant(c.recorded_at, region.zone as Zone) })}{c.verified_by ? `; ${t('cover.verified', { actor: c.verified_by })}` : ''}</Text>
            {c.note && <Text mt="xs" className="note"><b>{t('request.note')}:</b> {c.note}</Text>}
          </Paper>
          {open.length > 0 && <Findings findings={open} settles={records} />}
          {correcting ? <Correct key={c.version} figure={c} before={before} done={() => correct(false)} /> : (
            <Group className="noprint">
              {records && c.status === 'draft' && <Submit key={c.version} figure={c} />}
              {records && <Button variant="outline" onClick={() => correct(true)}>{t('cover.correct')}</Button>}
            </Group>
          )}
          {may('coverage.verify') && c.status === 'submitted' && c.recorded_by !== me.username && !correcting && <Verify key={c.version} figure={c} />}
        </Stack>
        <Former title={t('cover.former', { subject: t(`subject.${c.subject}`) })} figures={former} empty={t('cover.no-former')} f={f} />
      </div>
    </Page>
  );
}

function Term({ label, value }: { label: string; value: string }) {
  return <><dt>{label}</dt><dd>{value}</dd></>;
}

// Changed shows what somebody else did to a figure meanwhile beside what was read; else what is wrong.
function Changed({ problem, read, now, busy, again }: { problem: Problem | null; read: Figure; now: Figure | null; busy: boolean; again: (on: Figure) => void }) {
  const { t, f } = useWords();
  if (problem?.status !== 412 || !now || now.version === read.version) return <Summary problem={problem} inputs={{ ...inputs, 'body.reason': 'reason' }} />;
  const shown: [string, (c: Figure) => string][] = [
    [t('region.state'), (c) => t(`cover.status.${c.status}`)],
    ...main.map((x): [string, (c: Figure) => string] => [t(x === 'lack' || x === 'percent' ? `cover.${x}-said` : `cover.${x}`), (c) => (x === 'percent' ? f.percent(c.percent == null ? null : c.percent / 100, 2) : f.pieces(c[x]))]),
    [t('cover.by'), (c) => c.recorded_by], [t('request.note'), (c) => c.note || '–'],
  ];
  return <Stale differences={shown.map(([label, of]) => ({ label, read: of(read), now: of(now) }))} busy={busy} again={() => again(now)} />;
}

// useStep does a step on the version that was read, and reads anew what stands there when that is another one by now.
function useStep<I>(figure: Figure, run: (on: Figure, input: I, key: string) => Promise<Figure>) {
  const queries = useQueryClient();
  const [read, setRead] = useState(figure);
  const [now, setNow] = useState<Figure | null>(null);
  const deed = useDeed((on: { figure: Figure; input: I }, key) => run(on.figure, on.input, key));
  async function act(input: I, on = read): Promise<boolean> {
    setRead(on);
    if (await deed.act({ figure: on, input })) return true;
    setNow(await queries.fetchQuery({ queryKey: ['figure', 'now', on.id], staleTime: 0, queryFn: () => ask(on.id) }).catch(() => null));
    return false;
  }
  return { act, read, now, busy: deed.busy, problem: deed.problem };
}

const params = (on: Figure, key: string) => ({ path: { id: on.id }, header: { ...onto(on), 'Idempotency-Key': key } });

function Submit({ figure }: { figure: Figure }) {
  const { t } = useWords();
  const step = useStep<null>(figure, (on, _, key) => call(api.POST('/api/v1/coverage/{id}/submission', { params: params(on, key) })));
  return (
    <>
      <Changed problem={step.problem} read={step.read} now={step.now} busy={step.busy} again={(on) => void step.act(null, on)} />
      <Button onClick={() => void step.act(null)} loading={step.busy}>{t('cover.submit')}</Button>
    </>
  );
}

// Verify is the province's part: it has looked, or sends the figure back with its reason.
function Verify({ figure }: { figure: Figure }) {
  const { t } = useWords();
  const [reason, setReason] = useState('');
  const step = useStep<{ back: boolean; reason: string }>(figure, (on, input, key) =>
    input.back ? call(api.POST('/api/v1/coverage/{id}/return', { params: params(on, key), body: { reason: input.reason } })) : call(api.POST('/api/v1/coverage/{id}/verification', { params: params(on, key) })));
  const [last, setLast] = useState(false);
  const error = useFieldError(step.problem);
  const act = (back: boolean, on?: Figure) => {
    setLast(back);
    void step.act({ back, reason }, on);
  };
  return (
    <Paper withBorder p="md" component="section" aria-labelledby="verify" className="noprint">
      <Stack>
        <Title order={2} size="h4" id="verify">{t('request.verify-title')}</Title>
        <Changed problem={step.problem} read={step.read} now={step.now} busy={step.busy} again={(on) => act(last, on)} />
        <Textarea id="reason" label={t('visit.reason')} description={t('request.return-hint')} value={reason} onChange={(e) => setReason(e.currentTarget.value)} maxLength={500} autosize error={error('body.reason')} />
        <Group>
          <Button onClick={() => act(false)} loading={step.busy}>{t('request.verify')}</Button>
          <Button variant="outline" color="red" onClick={() => act(true)} loading={step.busy}>{t('request.return')}</Button>
        </Group>
      </Stack>
    </Paper>
  );
}

// Correct puts the numbers right; where, when and of whom the figure speaks stays.
function Correct({ figure, before, done }: { figure: Figure; before?: Figure; done: () => void }) {
  const { t } = useWords();
  const [typed, type] = useState<Typed>(() => Object.fromEntries([...main, ...stages].map((x) => [x, figure[x] ?? ''])));
  const [period, setPeriod] = useState(figure.period ?? '');
  const [note, setNote] = useState('');
  const step = useStep<Schemas['Correction']>(figure, (on, body, key) => call(api.PUT('/api/v1/coverage/{id}', { params: params(on, key), body })));
  const error = useFieldError(step.problem);
  const save = (on?: Figure) => void step.act({ period: period || undefined, note, ...numbersOf(typed) } as Schemas['Correction'], on).then((ok) => ok && done());
  return (
    <Paper withBorder p="md" component="form" aria-labelledby="correct" onSubmit={(e: React.FormEvent) => { e.preventDefault(); save(); }}>
      <Stack>
        <Title order={2} size="h4" id="correct">{t('cover.correct')}</Title>
        <Changed problem={step.problem} read={step.read} now={step.now} busy={step.busy} again={save} />
        {figure.status === 'verified' && <Text size="sm">{t('cover.correct-verified')}</Text>}
        <Fields typed={typed} type={type} subject={figure.subject} problem={step.problem} before={before}>
          <TextInput id="f-period" label={t('cover.dkb')} placeholder="2026-S1" value={period} onChange={(e) => setPeriod(e.currentTarget.value.toUpperCase())} maxLength={7} error={error('body.period')} />
        </Fields>
        <Textarea id="f-note" label={t('cover.why')} value={note} onChange={(e) => setNote(e.currentTarget.value)} required maxLength={1000} autosize error={error('body.note')} />
        <Group>
          <Button type="submit" loading={step.busy}>{t('cover.save')}</Button>
          <Button variant="subtle" onClick={done}>{t('app.cancel')}</Button>
        </Group>
      </Stack>
    </Paper>
  );
}

// Findings are what cannot be right; an office that stands by its figure says why.
function Findings({ findings, settles }: { findings: Finding[]; settles: boolean }) {
  const { t, f } = useWords();
  return (
    <section aria-labelledby="findings">
      <Title order={2} size="h4" id="findings" mb="xs">{t('finding.title')}</Title>
      <ul className="found">
        {findings.map((d) => (
          <li key={d.id}>
            <Text>{told(d, f, t)}</Text>
            {settles && <Settle finding={d} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Settle({ finding }: { finding: Finding }) {
  const words = useWords();
  const { t, f } = words;
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState('');
  const queries = useQueryClient();
  const [read, setRead] = useState(finding);
  const [now, setNow] = useState<Finding | null>(null);
  const deed = useDeed((on: { finding: Finding; text: string }, key) =>
    call(api.POST('/api/v1/findings/{id}/acknowledgement', { params: { path: { id: on.finding.id }, header: { ...onto(on.finding), 'Idempotency-Key': key } }, body: { reason: on.text } })));
  async function act(on: Finding) {
    setRead(on);
    if (await deed.act({ finding: on, text: reason })) return;
    const figure = await queries.fetchQuery({ queryKey: ['figure', 'now', on.figure], staleTime: 0, queryFn: () => ask(on.figure) }).catch(() => null);
    setNow(figure?.findings?.find((d) => d.id === on.id) ?? null);
  }
  const error = useFieldError(deed.problem);
  const shown: [string, (d: Finding) => string][] = [
    [t('region.state'), (d) => t(`finding.states.${d.state}`)], [t('finding.found'), (d) => told(d, f, t)], [t('finding.reason'), (d) => d.reason || '–'], [t('cover.by'), (d) => d.settled_by || '–'],
  ];
  if (!asking) return <Button variant="outline" size="compact-md" onClick={() => setAsking(true)}>{t('finding.settle')}</Button>;
  return (
    <form onSubmit={(e) => { e.preventDefault(); void act(read); }}>
      <Stack gap="xs">
        {(deed.problem?.status === 409 || deed.problem?.status === 412) && now && now.version !== read.version ? (
          <Stale
            differences={shown.map(([label, of]) => ({ label, read: of(read), now: of(now) }))} busy={deed.busy}
            again={now.state === 'open' ? () => void act(now) : undefined} why={deed.problem.status === 409 ? words.problem(deed.problem) : undefined}
          />
        ) : (
          <Summary problem={deed.problem} inputs={{ 'body.reason': `settle-${finding.id}` }} />
        )}
        <Textarea id={`settle-${finding.id}`} label={t('finding.reason')} value={reason} onChange={(e) => setReason(e.currentTarget.value)} required maxLength={500} autosize error={error('body.reason')} />
        <Group gap="xs">
          <Button type="submit" size="compact-md" loading={deed.busy}>{t('finding.settle')}</Button>
          <Button variant="subtle" size="compact-md" onClick={() => setAsking(false)}>{t('app.cancel')}</Button>
        </Group>
      </Stack>
    </form>
  );
}
