import { Text, Timeline, Title } from '@mantine/core';
import { useId } from 'react';
import type { Zone } from '../format';
import { useSession } from '../session';
import { useWords } from '../words';

interface Step {
  at: string;
  actor: string;
  action: string;
  note?: string;
}

// History is who did what to a document, and when.
export function History({ steps, zone, level = 2 }: { steps?: Step[] | null; zone?: Zone; level?: 2 | 3 }) {
  const { t, f } = useWords();
  const { region } = useSession();
  const id = useId();
  if (!steps?.length) return null;
  return (
    <section aria-labelledby={id}>
      <Title order={level} size="h4" id={id} mb="xs">{t('history.title')}</Title>
      <Timeline bulletSize={12} lineWidth={2}>
        {steps.map((s) => (
          <Timeline.Item key={s.at + s.action} title={t(`history.${s.action}`)}>
            <Text size="sm" c="dimmed">{s.actor === 'system' ? t('history.system') : s.actor} · {f.instant(s.at, zone ?? (region.zone as Zone))}</Text>
            {s.note && <Text size="sm" className="note">{s.note}</Text>}
          </Timeline.Item>
        ))}
      </Timeline>
    </section>
  );
}
