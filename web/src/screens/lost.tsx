import { Anchor, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useWords } from '../words';

export function Lost() {
  const { t } = useWords();
  return (
    <Stack>
      <Title order={1} size="h2">{t('lost.title')}</Title>
      <Text>{t('lost.why')}</Text>
      <Anchor component={Link} to="/">{t('lost.home')}</Anchor>
    </Stack>
  );
}
