import { Button, Group, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { useWords } from '../words';
import { Dialog } from './dialog';

// Confirm is the look before a step that cannot be taken back.
export function Confirm({ opened, title, verb, danger, busy, children, close, act }: {
  opened: boolean; title: string; verb: string; danger?: boolean; busy?: boolean; children: ReactNode; close: () => void; act: () => void;
}) {
  const { t } = useWords();
  return (
    <Dialog opened={opened} title={title} close={close}>
      <Stack>
        {children}
        <Group>
          <Button color={danger ? 'red.9' : undefined} onClick={act} loading={busy}>{verb}</Button>
          <Button variant="subtle" onClick={close}>{t('app.cancel')}</Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
