import { Anchor, Group, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useEffect, type ReactNode } from 'react';
import { useSession } from '../session';

interface Props {
  title: string;
  state?: ReactNode; // beside the title
  about?: ReactNode; // under it
  up?: { to: string; label: string }; // where this screen was come from
  actions?: ReactNode;
  narrow?: boolean;
  children: ReactNode;
}

// Page is the head of every screen: where one is, what can be done there. The window is named after it.
export function Page({ title, state, about, up, actions, narrow, children }: Props) {
  const { region } = useSession();
  useEffect(() => {
    document.title = `${title} · ${region.name} · blangko`;
  }, [title, region.name]);
  return (
    <Stack gap="lg" maw={narrow ? 760 : 1240}>
      <Group justify="space-between" align="flex-end" gap="sm">
        <div className="grow">
          {up && <Anchor component={Link} to={up.to} className="up noprint">‹ {up.label}</Anchor>}
          <Title order={1} size="h2">{title}{state && <span className="beside"> {state}</span>}</Title>
          {about && <Text c="dimmed">{about}</Text>}
        </div>
        {actions}
      </Group>
      {children}
    </Stack>
  );
}
