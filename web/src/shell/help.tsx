import { Popover, Stack, Text, UnstyledButton } from '@mantine/core';
import { useWords } from '../words';

// Help explains a figure: what it is, how it is computed, and of when it is.
export function Help({ of, asOf }: { of: string; asOf?: string }) {
  const { t } = useWords();
  return (
    <Popover width={300} position="bottom" withArrow shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <UnstyledButton className="help" aria-label={t('help.about', { figure: t(`help.${of}.name`) })}>?</UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown tabIndex={-1} aria-label={t(`help.${of}.name`)}>
        <Stack gap={6}>
          <Text fw={600}>{t(`help.${of}.name`)}</Text>
          <Text size="sm">{t(`help.${of}.what`)}</Text>
          <Text size="sm">{t(`help.${of}.how`)}</Text>
          {asOf && <Text size="sm">{t('help.as-of', { when: asOf })}</Text>}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
