import { Text, Timeline, Title } from '@mantine/core';
import type { Schemas } from '../api/client';
import type { Zone } from '../format';
import { useSession } from '../session';
import { useWords } from '../words';

// History is who did what to a document, and when.
export function History({ steps }: { steps?: Schemas['Step'][] | null }) {
  const { t, f } = useWords();
  const { region } = useSession();
  if (!steps?.length) return null;
  return (
    <section aria-labelledby="history">
      <Title order={2} size="h4" id="history" mb="xs">{t('history.title')}</Title>
      <Timeline bulletSize={12} lineWidth={2}>
        {steps.map((s) => (
          <Timeline.Item key={s.at + s.action} title={t(`history.${s.action}`)}>
            <Text size="sm" c="dimmed">{s.actor} · {f.instant(s.at, region.zone as Zone)}</Text>
          </Timeline.Item>
        ))}
      </Timeline>
    </section>
  );
}
