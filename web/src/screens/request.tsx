import { Anchor, Button, Checkbox, Group, NumberInput, Paper, Stack, Text, Textarea, Title } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { api, call, onto, type Schemas } from '../api/client';
import { asProblem, type Problem } from '../api/problem';
import { useDeed } from '../deed';
import type { Zone } from '../format';
import { useSession } from '../session';
import { State } from '../shell/figure';
import { History } from '../shell/history';
import { Page } from '../shell/page';
import { Stale } from '../shell/stale';
import { Steps } from '../shell/steps';
import { Loading, Summary, Trouble, useFieldError } from '../shell/trouble';
import { useWords } from '../words';
import { Working } from './working';

type Request = Schemas['Request'];

const path = ['submitted', 'verified', 'approved', 'shipped', 'closed'] as const;

function reached(state: string): number {
  if (state === 'partly-shipped') return 3;
  return path.indexOf(state as (typeof path)[number]);
}

// RequestPage is one request: what was asked, how the suggestion came about, what was decided, and what is on its way.
export function RequestPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const request = useQuery({ queryKey: ['request', id], queryFn: () => call(api.GET('/api/v1/requests/{id}', { params: { path: { id: Number(id) } } })) });
  const shipments = useQuery({ queryKey: ['shipments', 'request', id], queryFn: () => call(api.GET('/api/v1/shipments', { params: { query: { request: Number(id) } } })) });
  if (request.isPending) return <Loading />;
  if (request.isLoadingError) return <Trouble problem={asProblem(request.error)} again={() => void request.refetch()} />;
  const r = request.data;
  return <Shown key={r.id} request={r} shipments={shipments.data?.items ?? []} />;
}

function Shown({ request: r, shipments }: { request: Request; shipments: Schemas['Shipment'][] }) {
  const { t, f } = useWords();
  const { may, region } = useSession();
  const zone = region.zone as Zone;
  // What could not be done is told where it was tried, also when the request, as it is now, would not offer it any more.
  const [tried, setTried] = useState(false);
  const open = r.asked - r.approved - r.declined;
  return (
    <Page
      title={r.name} up={{ to: '/requests', label: t('nav.requests') }}
      state={<>{r.emergency && <State state="emergency" of="request" />} <State state={r.state} of="request.state" /></>}
      about={<>{r.document} · {f.instant(r.submitted_at ?? r.created_at, zone)} · {r.created_by}</>}
    >
      {reached(r.state) >= 0 && <Steps label={t('steps.title')} at={reached(r.state)} names={path.map((s) => t(`request.state.${s}`))} />}
      <div className="two">
        <Paper withBorder p="md">
          <dl className="terms">
            <dt>{t('request.asked')}</dt><dd>{f.pieces(r.asked)}</dd>
            <dt>{t('request.suggested')}</dt><dd>{f.pieces(r.suggested)}</dd>
            <dt>{t('request.approved')}</dt><dd>{f.pieces(r.approved)}</dd>
            <dt>{t('request.declined')}</dt><dd>{f.pieces(r.declined)}</dd>
            <dt>{t('request.shipped')}</dt><dd>{f.pieces(r.shipped)}</dd>
            <dt>{t('request.received')}</dt><dd>{f.pieces(r.received)}</dd>
          </dl>
          {r.reason && <Text mt="sm"><b>{t('request.reason')}:</b> {t(`request.reasons.${r.reason}`)}</Text>}
          {r.note && <Text mt="xs" className="note">{r.note}</Text>}
          {r.answer && <Text mt="xs" className="note"><b>{t('request.answer')}:</b> {r.answer}</Text>}
        </Paper>
        {r.suggestion && <Working suggestion={r.suggestion} />}
      </div>
      {!may('requests.decide') && may('requests.verify') && (r.state === 'submitted' || tried) && r.region !== region.code && <Verify request={r} tried={setTried} />}
      {may('requests.decide') && ((open > 0 && ['submitted', 'verified', 'approved', 'partly-shipped'].includes(r.state)) || tried) && <Decide request={r} open={open} tried={setTried} />}
      {shipments.length > 0 && (
        <section aria-labelledby="shipments">
          <Title order={2} size="h4" id="shipments">{t('nav.shipments')}</Title>
          {shipments.map((s) => (
            <Text key={s.id}><Anchor component={Link} to={`/shipments/${s.id}`}>{s.document}</Anchor> <State state={s.state} of="shipment.state" /></Text>
          ))}
        </section>
      )}
      <History steps={r.history} />
    </Page>
  );
}

// useRead is the request that a decision builds on, and what it has become when somebody else was quicker.
function useRead(request: Request) {
  const queries = useQueryClient();
  const [read, setRead] = useState(request);
  const [now, setNow] = useState<Request | null>(null);
  return {
    read, now: now && now.version !== read.version ? now : null,
    onto: (r: Request) => { setRead(r); setNow(null); },
    look: async () =>
      setNow(await queries.fetchQuery({ queryKey: ['request', String(read.id)], staleTime: 0, queryFn: () => call(api.GET('/api/v1/requests/{id}', { params: { path: { id: read.id } } })) }).catch(() => null)),
  };
}

// Changed shows the request as it was read and as it is now.
function Changed({ read, now, problem, busy, again }: { read: Request; now: Request; problem: Problem; busy: boolean; again: () => void }) {
  const words = useWords();
  const { t, f } = words;
  const shown: [string, (r: Request) => string][] = [
    [t('region.state'), (r) => t(`request.state.${r.state}`)], [t('request.asked'), (r) => f.pieces(r.asked)], [t('request.approved'), (r) => f.pieces(r.approved)],
    [t('request.declined'), (r) => f.pieces(r.declined)], [t('request.answer'), (r) => r.answer || '–'],
  ];
  return (
    <Stale
      differences={shown.map(([label, of]) => ({ label, read: of(read), now: of(now) }))} busy={busy}
      again={problem.status === 412 ? again : undefined} why={problem.status === 409 ? words.problem(problem) : undefined}
    />
  );
}

// Verify is the province's part: it stands behind what its office asks for, or sends it back to be changed.
function Verify({ request, tried }: { request: Request; tried: (yes: boolean) => void }) {
  const { t } = useWords();
  const { read, now, onto: build, look } = useRead(request);
  const [note, setNote] = useState('');
  const [last, setLast] = useState<'verify' | 'return'>('verify');
  const deed = useDeed((how: { on: Request; return: boolean; note: string }, key) => {
    const params = { path: { id: how.on.id }, header: { ...onto(how.on), 'Idempotency-Key': key } };
    return how.return
      ? call(api.POST('/api/v1/requests/{id}/return', { params, body: { reason: how.note } }))
      : call(api.POST('/api/v1/requests/{id}/verification', { params, body: { note: how.note || undefined } }));
  });
  const error = useFieldError(deed.problem);

  async function act(how: 'verify' | 'return', on: Request) {
    setLast(how);
    tried(true);
    if (await deed.act({ on, return: how === 'return', note })) tried(false);
    else await look();
  }

  return (
    <Paper withBorder p="md" component="section" aria-labelledby="verify" className="noprint">
      <Stack>
        <Title order={2} size="h4" id="verify">{t('request.verify-title')}</Title>
        {deed.problem && now ? (
          <Changed read={read} now={now} problem={deed.problem} busy={deed.busy} again={() => { build(now); void act(last, now); }} />
        ) : (
          <Summary problem={deed.problem} inputs={{ 'body.note': 'verify-note', 'body.reason': 'verify-note' }} />
        )}
        <Textarea id="verify-note" label={t('request.note')} description={t('request.return-hint')} value={note} onChange={(e) => setNote(e.currentTarget.value)} maxLength={500} autosize error={error('body.note') ?? error('body.reason')} />
        <Group>
          <Button onClick={() => void act('verify', read)} loading={deed.busy}>{t('request.verify')}</Button>
          <Button variant="outline" color="red" onClick={() => void act('return', read)} loading={deed.busy}>{t('request.return')}</Button>
        </Group>
      </Stack>
    </Paper>
  );
}

// Decide approves all or a part, or says no.
function Decide({ request, open, tried }: { request: Request; open: number; tried: (yes: boolean) => void }) {
  const { t, f } = useWords();
  const { read, now, onto: build, look } = useRead(request);
  const [pieces, setPieces] = useState<number | string>(open);
  const [later, setLater] = useState(false);
  const [note, setNote] = useState('');
  const approve = useDeed((on: Request, key) =>
    call(api.POST('/api/v1/requests/{id}/approval', {
      params: { path: { id: on.id }, header: { ...onto(on), 'Idempotency-Key': key } }, body: { pieces: Number(pieces), later, note },
    })));
  const reject = useDeed((on: Request, key) =>
    call(api.POST('/api/v1/requests/{id}/rejection', { params: { path: { id: on.id }, header: { ...onto(on), 'Idempotency-Key': key } }, body: { reason: note } })));
  const [last, setLast] = useState<'approve' | 'reject'>('approve');
  const deed = last === 'approve' ? approve : reject;
  const problem = deed.problem;
  const error = useFieldError(problem);

  async function act(how: 'approve' | 'reject', on: Request) {
    setLast(how);
    tried(true);
    const done = await (how === 'approve' ? approve : reject).act(on);
    if (done) {
      build(done);
      tried(false);
    } else {
      await look();
    }
  }

  return (
    <Paper withBorder p="md" component="section" aria-labelledby="decide" className="noprint">
      <Stack>
        <Title order={2} size="h4" id="decide">{t('request.decide')}</Title>
        {problem && now ? (
          <Changed read={read} now={now} problem={problem} busy={deed.busy} again={() => { build(now); void act(last, now); }} />
        ) : (
          <Summary problem={problem} inputs={{ 'body.pieces': 'pieces', 'body.note': 'note', 'body.reason': 'note' }} />
        )}
        <NumberInput
          id="pieces" label={t('request.approve-pieces')} description={t('request.most', { pieces: f.pieces(open) })} value={pieces} onChange={setPieces} min={1} maw={280}
          allowDecimal={false} thousandSeparator="." decimalSeparator="," error={error('body.pieces')} hideControls
        />
        {Number(pieces) < open && <Checkbox label={t('request.later')} checked={later} onChange={(e) => setLater(e.currentTarget.checked)} />}
        <Textarea id="note" label={t('request.note')} description={t('request.note-hint')} value={note} onChange={(e) => setNote(e.currentTarget.value)} maxLength={500} autosize error={error('body.note') ?? error('body.reason')} />
        <Group>
          <Button onClick={() => void act('approve', read)} loading={approve.busy}>{t('request.approve')}</Button>
          <Button variant="outline" color="red" onClick={() => void act('reject', read)} loading={reject.busy}>{t('request.reject')}</Button>
        </Group>
      </Stack>
    </Paper>
  );
}
