import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { useWords } from '../words';

// Dialog stands over the page; it holds the focus and gives it back. Without `close` only what it asks for ends it.
export function Dialog({ opened, title, close, children }: { opened: boolean; title: string; close?: () => void; children: ReactNode }) {
  const { t } = useWords();
  return (
    <Modal.Root opened={opened} onClose={close ?? (() => undefined)} closeOnEscape={!!close} closeOnClickOutside={!!close} centered size="lg">
      <Modal.Overlay />
      <Modal.Content>
        {/* No banner beside that of the page. */}
        <Modal.Header role="presentation">
          <Modal.Title>{title}</Modal.Title>
          {close && <Modal.CloseButton aria-label={t('app.close')} />}
        </Modal.Header>
        <Modal.Body>{children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
