import { Modal } from '@mantine/core';
import { useEffect, type ReactNode } from 'react';
import { useWords } from '../words';

// useReturn gives the focus back to where it was when a dialog ends, unless something else has taken it by then: what was
// done, or why it could not be.
function useReturn(opened: boolean) {
  useEffect(() => {
    if (!opened) return;
    const from = document.activeElement;
    return () => {
      setTimeout(() => {
        const now = document.activeElement;
        if ((!now || now === document.body || now.closest('[role=dialog]')) && from instanceof HTMLElement) from.focus();
      }, 20);
    };
  }, [opened]);
}

// Dialog stands over the page; it holds the focus and gives it back. Without `close` only what it asks for ends it.
export function Dialog({ opened, title, close, children }: { opened: boolean; title: string; close?: () => void; children: ReactNode }) {
  const { t } = useWords();
  useReturn(opened);
  return (
    <Modal.Root opened={opened} returnFocus={false} onClose={close ?? (() => undefined)} closeOnEscape={!!close} closeOnClickOutside={!!close} centered size="lg">
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
