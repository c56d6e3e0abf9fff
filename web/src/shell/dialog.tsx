import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { useWords } from '../words';

// Dialog stands over the page; it holds the focus and gives it back.
export function Dialog({ opened, title, close, children }: { opened: boolean; title: string; close: () => void; children: ReactNode }) {
  const { t } = useWords();
  return (
    <Modal opened={opened} onClose={close} title={title} centered size="lg" closeButtonProps={{ 'aria-label': t('app.close') }}>
      {children}
    </Modal>
  );
}
