import { Button, Checkbox, NativeSelect, NumberInput, Paper, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, call, type Schemas } from '../api/client';
import { asProblem } from '../api/problem';
import { useDeed } from '../deed';
import { useSession } from '../session';
import { Confirm } from '../shell/confirm';
import { Page } from '../shell/page';
import { Loading, Summary, Trouble, useFieldError } from '../shell/trouble';
import { useWords } from '../words';
import { Working } from './working';

const reasons = ['backlog', 'outreach', 'event', 'school-term', 'stock-lost', 'higher-use', 'lower-use', 'storage-limit', 'other'] as const;

// AskPage asks for blanks: pre-filled with the suggestion, whose working is shown, and a reason to depart from it.
export function AskPage() {
  const { region } = useSession();
  const suggestion = useQuery({
    queryKey: ['suggestion', region.code], staleTime: Infinity,
    queryFn: () => call(api.GET('/api/v1/requests/suggestion', { params: { query: { region: region.code, item: 'ktp-el' } } })),
  });
  if (suggestion.isPending) return <Loading />;
  if (suggestion.isLoadingError) return <Trouble problem={asProblem(suggestion.error)} again={() => void suggestion.refetch()} />;
  return <Form suggestion={suggestion.data} />;
}

function Form({ suggestion }: { suggestion: Schemas['Suggestion'] }) {
  const { t, f } = useWords();
  const navigate = useNavigate();
  const [pieces, setPieces] = useState<number | string>(suggestion.pieces ?? '');
  const [reason, setReason] = useState('');
  const [emergency, setEmergency] = useState(false);
  const [letter, setLetter] = useState('');
  const [note, setNote] = useState('');
  const [checking, check] = useState(false);
  const ask = useDeed((body: Schemas['NewRequest'], key) => call(api.POST('/api/v1/requests', { params: { header: { 'Idempotency-Key': key } }, body })));
  const error = useFieldError(ask.problem);
  const departs = suggestion.pieces != null && Math.abs(Number(pieces) - suggestion.pieces) > suggestion.tolerance * suggestion.pieces;

  async function submit() {
    const made = await ask.act({ item: 'ktp-el', pieces: Number(pieces), emergency, document: letter || undefined, note: note || undefined, reason: (reason || undefined) as Schemas['NewRequest']['reason'] });
    check(false);
    if (made) void navigate({ to: '/requests/$id', params: { id: String(made.id) } });
  }

  return (
    <Page title={t('request.new')} up={{ to: '/requests', label: t('nav.requests') }} narrow>
      <Working suggestion={suggestion} />
      <Paper withBorder p="md" component="form" onSubmit={(e: React.FormEvent) => { e.preventDefault(); check(true); }}>
        <Stack>
          <Summary problem={ask.problem} inputs={{ 'body.pieces': 'pieces', 'body.reason': 'reason', 'body.note': 'note', 'body.document': 'letter' }} />
          <NumberInput
            id="pieces" label={t('request.pieces')} description={t('unit.pieces')} value={pieces} onChange={setPieces} min={1} required maw={280} hideControls
            allowDecimal={false} allowNegative={false} thousandSeparator="." decimalSeparator="," error={error('body.pieces')}
          />
          <NativeSelect
            id="reason" label={t('request.reason')} description={departs ? t('request.reason-wanted', { percent: f.percent(suggestion.tolerance, 0) }) : t('request.reason-hint')}
            value={reason} onChange={(e) => setReason(e.currentTarget.value)} required={departs} maw={420} error={error('body.reason')}
            data={[{ value: '', label: '–' }, ...reasons.map((r) => ({ value: r, label: t(`request.reasons.${r}`) }))]}
          />
          <Checkbox label={t('request.is-emergency')} description={t('request.emergency-hint')} checked={emergency} onChange={(e) => setEmergency(e.currentTarget.checked)} />
          <TextInput id="letter" label={t('request.letter')} value={letter} onChange={(e) => setLetter(e.currentTarget.value)} maxLength={100} maw={420} error={error('body.document')} />
          <Textarea id="note" label={t('request.note')} value={note} onChange={(e) => setNote(e.currentTarget.value)} maxLength={500} autosize error={error('body.note')} />
          <Button type="submit" w="fit-content">{t('request.check')}</Button>
        </Stack>
      </Paper>
      <Confirm opened={checking} title={t('request.check-title')} verb={t('request.submit')} busy={ask.busy} close={() => check(false)} act={() => void submit()}>
        <dl className="terms">
          <dt>{t('request.pieces')}</dt><dd>{f.pieces(Number(pieces))}</dd>
          <dt>{t('request.suggested')}</dt><dd>{f.pieces(suggestion.pieces)}</dd>
          {reason && <><dt>{t('request.reason')}</dt><dd>{t(`request.reasons.${reason}`)}</dd></>}
          {emergency && <><dt>{t('request.emergency')}</dt><dd>{t('app.yes')}</dd></>}
        </dl>
        {note && <Text className="note">{note}</Text>}
      </Confirm>
    </Page>
  );
}
