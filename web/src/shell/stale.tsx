import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { Sortable } from './table';
import { useWords } from '../words';

export interface Difference {
  label: string;
  read: string; // what the person saw
  now: string; // what it is now
}

// Stale shows what somebody else changed meanwhile beside what was read: what was typed stays, and is asked again on purpose.
export function Stale({ differences, again, busy }: { differences: Difference[]; again: () => void; busy?: boolean }) {
  const { t } = useWords();
  return (
    <Alert color="red" variant="outline" role="alert" title={t('stale.title')} className="trouble">
      <Stack>
        <Text>{t('stale.why')}</Text>
        <Sortable
          caption={t('stale.title')} rows={differences} id={(d) => d.label}
          columns={[
            { key: 'label', head: t('stale.field'), cell: (d) => d.label },
            { key: 'read', head: t('stale.read'), cell: (d) => d.read },
            { key: 'now', head: t('stale.now'), cell: (d) => <b>{d.now}</b> },
          ]}
        />
        <Group><Button onClick={again} loading={busy}>{t('stale.again')}</Button></Group>
      </Stack>
    </Alert>
  );
}
