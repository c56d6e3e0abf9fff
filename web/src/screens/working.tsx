import { Paper, Text, Title } from '@mantine/core';
import type { Schemas } from '../api/client';
import { useWords } from '../words';

// Working shows how a suggestion was computed, term by term.
export function Working({ suggestion: s }: { suggestion: Schemas['Suggestion'] }) {
  const { t, f } = useWords();
  const less = (n: number) => (n === 0 ? f.pieces(0) : '− ' + f.pieces(n));
  return (
    <Paper withBorder p="md" component="section" aria-labelledby="working">
      <Title order={2} size="h4" id="working" mb="xs">{t('suggestion.title')}</Title>
      {s.pieces == null ? <Text>{t('suggestion.none')}</Text> : (
        <dl className="terms">
          <dt>{t('suggestion.need', { days: s.horizon_days, sure: f.percent(s.quantile, 0) })}</dt><dd>{f.pieces(Math.ceil(s.need))}</dd>
          <dt>{t('suggestion.ready')}</dt><dd>+ {f.pieces(s.print_ready)}</dd>
          <dt>{t('suggestion.visits')}</dt><dd>+ {f.pieces(s.planned_visits)}</dd>
          <dt>{t('suggestion.usable')}</dt><dd>{less(s.usable)}</dd>
          <dt>{t('suggestion.reserved')}</dt><dd>{less(s.reserved)}</dd>
          <dt>{t('suggestion.transit')}</dt><dd>{less(s.in_transit)}</dd>
          <dt>{t('suggestion.ordered')}</dt><dd>{less(s.on_order)}</dd>
          <dt className="sum">{t('suggestion.pieces')}</dt><dd className="sum">{f.pieces(s.pieces)}</dd>
        </dl>
      )}
      {s.source === 'ktp-el' && <Text size="sm" mt="xs">{t('suggestion.from-cards', { cards: f.pieces(s.cards ?? 0), each: f.pieces(s.per_piece ?? 1) })}</Text>}
      {s.source === 'use' && <Text size="sm" mt="xs">{t('suggestion.from-use')}</Text>}
      {s.pieces != null && <Text size="sm" c="dimmed" mt="xs">{t('suggestion.as-of', { day: f.date(s.as_of) })}</Text>}
    </Paper>
  );
}
