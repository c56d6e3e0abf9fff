import { Button, Group, Modal, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { useWords } from '../words';

// Confirm is the look before a step that cannot be taken back.
export function Confirm({ opened, title, verb, danger, busy, children, close, act }: {
  opened: boolean; title: string; verb: string; danger?: boolean; busy?: boolean; children: ReactNode; close: () => void; act: () => void;
}) {
  const { t } = useWords();
  return (
    <Modal opened={opened} onClose={close} title={title} centered size="lg" closeButtonProps={{ 'aria-label': t('app.close') }}>
      <Stack>
        {children}
        <Group>
          <Button color={danger ? 'red.9' : undefined} onClick={act} loading={busy}>{verb}</Button>
          <Button variant="subtle" onClick={close}>{t('app.cancel')}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
