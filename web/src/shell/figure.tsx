import { Group, Paper, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useWords } from '../words';
import { Help } from './help';

// Figure is a tile: a figure, its name, and its help.
export function Figure({ of, label, value, note, asOf, tone }: { of: string; label: string; value: ReactNode; note?: ReactNode; asOf?: string; tone?: string }) {
  return (
    <Paper withBorder p="sm" radius="md" className={'figure ' + (tone ?? '')} data-figure={of}>
      <Group justify="space-between" wrap="nowrap" gap="xs" align="flex-start" mb={6}>
        <Text size="sm" fw={600}>{label}</Text>
        <Help of={of} asOf={asOf} />
      </Group>
      <Text className="value">{value}</Text>
      <Text size="sm" c="dimmed" className="unit">{note}</Text>
    </Paper>
  );
}

// State is a state in words and colour.
export function State({ state, of = 'state' }: { state: string; of?: string }) {
  const { t } = useWords();
  return <span className={`state state-${state}`}>{t(`${of}.${state}`)}</span>;
}
