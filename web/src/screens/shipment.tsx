import { Alert, Button, Checkbox, Group, NumberInput, Paper, Stack, Text, Textarea, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { api, call, onto, type Schemas } from '../api/client';
import { asProblem, type Problem } from '../api/problem';
import { useDeed } from '../deed';
import { useUnsent } from '../outbox/queue';
import { submit } from '../outbox/submit';
import { useSession } from '../session';
import { State } from '../shell/figure';
import { History } from '../shell/history';
import { Page } from '../shell/page';
import { Since } from '../shell/since';
import { Stale } from '../shell/stale';
import { Steps } from '../shell/steps';
import { Sortable } from '../shell/table';
import { Loading, Summary, Trouble, useFieldError } from '../shell/trouble';
import { useWords } from '../words';
import { Record } from './queue';
import { isComing, isMine, piecesOf, useShipment, type Shipment } from './shipments';

const path = ['prepared', 'dispatched', 'received'] as const;
const reached: Record<string, number> = { prepared: 0, dispatched: 1, 'partly-received': 1, received: 3, 'closed-short': 3 };

// ShipmentPage is one shipment, and what each end may do with it.
export function ShipmentPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const { t, f } = useWords();
  const { me, may, region } = useSession();
  const shipment = useShipment(Number(id));
  const unsent = useUnsent(me.username).filter((r) => r.kind === 'receipt' && (r.body as Schemas['NewReceipt']).shipment === Number(id));
  if (shipment.isPending) return <Loading />;
  if (shipment.isLoadingError) return <Trouble problem={asProblem(shipment.error)} again={() => void shipment.refetch()} />;
  const s = shipment.data.value;
  const incoming = may('shipments.receive') && isMine(s.to, region) && isComing(s);
  return (
    <Page
      title={s.document} up={{ to: '/shipments', label: t('nav.shipments') }}
      state={<>{s.overdue && <State state="overdue" of="shipment" />} <State state={s.state} of="shipment.state" /></>}
      about={<>{s.from_name} → {s.to_name} · {t(`shipment.mode.${s.mode}`)}{s.carrier && ` · ${s.carrier}`}</>}
    >
      <Since at={shipment.data.since} />
      {s.state in reached && <Steps label={t('steps.title')} at={reached[s.state]!} names={path.map((p) => t(`shipment.state.${p}`))} />}
      <Paper withBorder p="md">
        <dl className="terms">
          <dt>{t('shipment.pieces')}</dt><dd>{f.pieces(piecesOf(s))}</dd>
          <dt>{t('shipment.dispatched')}</dt><dd>{f.shortDate(s.dispatched_on)}</dd>
          <dt>{t('shipment.expected')}</dt><dd>{f.shortDate(s.expected_on)}</dd>
          <dt>{t('shipment.received')}</dt><dd>{f.shortDate(s.received_on)}</dd>
        </dl>
        {s.note && <Text className="note" mt="xs">{s.note}</Text>}
      </Paper>
      {may('shipments.send') && isMine(s.from, region) && (s.state === 'prepared' || s.state === 'dispatched') && <Dispatch key={s.id} shipment={s} />}
      {unsent.map((r) => <Record key={r.id} record={r} here />)}
      {incoming ? <Receive key={s.id} shipment={s} waiting={unsent.map((r) => r.body as Schemas['NewReceipt'])} /> : <Lines shipment={s} />}
      <History steps={s.history} />
    </Page>
  );
}

function Lines({ shipment }: { shipment: Shipment }) {
  const { t, f } = useWords();
  return (
    <Sortable
      caption={t('shipment.lines')} rows={shipment.lines ?? []} id={(l) => l.line}
      columns={[
        { key: 'item', head: t('shipment.item'), cell: (l) => t(`item.${l.item}`) },
        { key: 'pieces', head: t('shipment.sent'), cell: (l) => f.pieces(l.pieces), number: true },
        { key: 'good', head: t('receipt.good'), cell: (l) => f.pieces(l.good), number: true },
        { key: 'damaged', head: t('receipt.damaged'), cell: (l) => f.pieces(l.damaged), number: true },
        { key: 'missing', head: t('receipt.missing'), cell: (l) => f.pieces(l.missing), number: true },
      ]}
    />
  );
}

function Dispatch({ shipment }: { shipment: Shipment }) {
  const words = useWords();
  const { t, f } = words;
  const [read] = useState(shipment); // what the deed builds on
  const queries = useQueryClient();
  const deed = useDeed((on: Shipment, key) =>
    call(api.POST('/api/v1/shipments/{id}/dispatch', { params: { path: { id: on.id }, header: { ...onto(on), 'Idempotency-Key': key } }, body: {} })));
  async function act() {
    if (!(await deed.act(read))) await queries.invalidateQueries({ queryKey: ['shipment', String(shipment.id)] });
  }
  return (
    <Stack className="noprint">
      {deed.problem && shipment.version !== read.version ? (
        <Stale
          why={deed.problem.status === 409 ? words.problem(deed.problem) : undefined} busy={deed.busy} again={shipment.state === 'prepared' ? () => void deed.act(shipment) : undefined}
          differences={([[t('region.state'), (s) => t(`shipment.state.${s.state}`)], [t('shipment.expected'), (s) => f.shortDate(s.expected_on)], [t('shipment.pieces'), (s) => f.pieces(piecesOf(s))]] as [string, (s: Shipment) => string][])
            .map(([label, of]) => ({ label, read: of(read), now: of(shipment) }))}
        />
      ) : (
        <Summary problem={deed.problem} />
      )}
      {shipment.state === 'prepared' && <Button w="fit-content" onClick={() => void act()} loading={deed.busy}>{t('shipment.dispatch')}</Button>}
    </Stack>
  );
}

interface Counted {
  good: number | string;
  damaged: number | string;
}

const blank: Counted = { good: '', damaged: 0 };

// left is what of a line nobody has counted yet, on the server or on this device.
const left = (l: Schemas['ShipmentLine'], waiting: Schemas['NewReceipt'][]) =>
  l.pieces - l.good - l.damaged - l.quarantined - l.missing -
  waiting.flatMap((r) => (r.lines ?? []).filter((c) => c.line === l.line)).reduce((n, c) => n + c.good + (c.damaged ?? 0) + (c.quarantined ?? 0), 0);

// Receive counts what arrived against what was sent. It is written on the device first, so that it works without a network.
function Receive({ shipment, waiting }: { shipment: Shipment; waiting: Schemas['NewReceipt'][] }) {
  const { t, f } = useWords();
  const { me } = useSession();
  const queries = useQueryClient();
  const [counted, setCounted] = useState<Record<number, Counted>>({}); // by line
  const [more, setMore] = useState(false);
  const [reason, setReason] = useState('');
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState<'sent' | 'kept' | 'conflict' | null>(null);
  const error = useFieldError(problem);
  const lines = waiting.every((r) => r.more) ? (shipment.lines ?? []).filter((l) => left(l, waiting) > 0) : []; // a last count that waits ends it
  const of = (l: Schemas['ShipmentLine']) => counted[l.line] ?? blank;
  const sum = (what: keyof Counted) => lines.reduce((n, l) => n + Number(of(l)[what] || 0), 0);
  const sent = lines.reduce((n, l) => n + left(l, waiting), 0);
  const difference = sum('good') + sum('damaged') - sent;

  async function receive(event: React.FormEvent) {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    const body: Schemas['NewReceipt'] = {
      shipment: shipment.id, more, reason: reason || undefined,
      lines: lines.map((l) => ({ line: l.line, good: Number(of(l).good), damaged: Number(of(l).damaged || 0) })),
    };
    const how = await submit({ user: me.username, kind: 'receipt', title: t('receipt.record', { document: shipment.document }), path: '/api/v1/receipts', body });
    setBusy(false);
    if (how.problem) setProblem(how.problem);
    else setDone(how.sent ? 'sent' : how.conflict ? 'conflict' : 'kept');
    if (how.sent || how.conflict) await queries.invalidateQueries();
  }

  if (done) return <Alert role="status" variant="outline" title={t(done === 'sent' ? 'receipt.done' : `receipt.${done}`)} />;
  if (lines.length === 0) return null;
  const inputs = Object.fromEntries(lines.flatMap((l, i) => [[`body.lines[${i}].good`, `good-${l.line}`], [`body.lines[${i}].damaged`, `damaged-${l.line}`]]));
  return (
    <Paper withBorder p="md" component="form" onSubmit={(e: React.FormEvent) => void receive(e)} aria-labelledby="receive">
      <Stack>
        <Title order={2} size="h4" id="receive">{t('receipt.title')}</Title>
        <Summary problem={problem} inputs={{ ...inputs, 'body.reason': 'over' }} />
        {lines.map((l, i) => (
          <fieldset key={l.line} className="plain">
            <legend>{t('receipt.line', { item: t(`item.${l.item}`), pieces: f.pieces(left(l, waiting)) })}</legend>
            <Group align="flex-start">
              {(['good', 'damaged'] as const).map((what) => (
                <NumberInput
                  key={what} id={`${what}-${l.line}`} label={t(`receipt.${what}`)} value={of(l)[what]} required={what === 'good'} hideControls
                  onChange={(v) => setCounted((was) => ({ ...was, [l.line]: { ...(was[l.line] ?? blank), [what]: v } }))}
                  allowDecimal={false} allowNegative={false} thousandSeparator="." decimalSeparator="," error={error(`body.lines[${i}].${what}`)} w={160}
                />
              ))}
            </Group>
          </fieldset>
        ))}
        <dl className="terms" aria-live="polite">
          <dt>{t('shipment.sent')}</dt><dd>{f.pieces(sent)}</dd>
          <dt>{t('receipt.counted')}</dt><dd>{f.pieces(sent + difference)}</dd>
          <dt className="sum">{t('receipt.difference')}</dt><dd className="sum">{difference > 0 ? '+' : ''}{f.pieces(difference)}</dd>
        </dl>
        {difference < 0 && lines.every((l) => of(l).good !== '') && <Checkbox label={t('receipt.more')} description={t('receipt.more-hint')} checked={more} onChange={(e) => setMore(e.currentTarget.checked)} />}
        {difference > 0 && <Textarea id="over" label={t('receipt.over')} required value={reason} onChange={(e) => setReason(e.currentTarget.value)} maxLength={500} autosize error={error('body.reason')} />}
        <Button type="submit" loading={busy} w="fit-content">{t('receipt.receive')}</Button>
      </Stack>
    </Paper>
  );
}
