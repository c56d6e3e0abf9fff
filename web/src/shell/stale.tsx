import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { Sortable } from './table';
import { useWords } from '../words';

export interface Difference {
  label: string;
  read: string; // what the person saw
  now: string; // what it is now
}

// Stale shows what somebody else changed meanwhile beside what was read: what was typed stays, and is asked again on purpose.
// It takes the focus, as a summary does. Where the step makes no sense any more there is no going on.
export function Stale({ differences, again, busy, why }: { differences: Difference[]; again?: () => void; busy?: boolean; why?: string }) {
  const { t } = useWords();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), []);
  return (
    <Alert ref={box} tabIndex={-1} color="red" variant="outline" role="alert" title={t('stale.title')} className="trouble">
      <Stack>
        <Text>{why ?? t('stale.why')}</Text>
        <Sortable
          caption={t('stale.title')} rows={differences} id={(d) => d.label}
          columns={[
            { key: 'label', head: t('stale.field'), cell: (d) => d.label },
            { key: 'read', head: t('stale.read'), cell: (d) => d.read },
            { key: 'now', head: t('stale.now'), cell: (d) => (d.now === d.read ? d.now : <b className="changed">{d.now}</b>) },
          ]}
        />
        {again && <Group><Button onClick={again} loading={busy}>{t('stale.again')}</Button></Group>}
      </Stack>
    </Alert>
  );
}
