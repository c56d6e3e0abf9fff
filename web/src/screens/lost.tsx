import { Anchor, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Page } from '../shell/page';
import { useWords } from '../words';

export function Lost() {
  const { t } = useWords();
  return (
    <Page title={t('lost.title')}>
      <Text>{t('lost.why')}</Text>
      <Anchor component={Link} to="/">{t('lost.home')}</Anchor>
    </Page>
  );
}
