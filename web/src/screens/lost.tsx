import { Anchor, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { asProblem, Problem } from '../api/problem';
import { Page } from '../shell/page';
import { Trouble } from '../shell/trouble';
import { useWords } from '../words';

// Broken stands in the place of a screen that could not be drawn, or whose part of the application did not arrive.
export function Broken({ error }: { error: unknown }) {
  const missing = /dynamically imported module|importing a module/i.test(String(error));
  return <Trouble problem={missing ? new Problem({ status: 0, code: 'network' }) : asProblem(error)} again={() => location.reload()} />;
}

export function Lost() {
  const { t } = useWords();
  return (
    <Page title={t('lost.title')}>
      <Text>{t('lost.why')}</Text>
      <Anchor component={Link} to="/">{t('lost.home')}</Anchor>
    </Page>
  );
}
