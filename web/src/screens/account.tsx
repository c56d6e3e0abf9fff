import { Alert, Button, Paper, PasswordInput, Stack, Title } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { api, call } from '../api/client';
import { asProblem, type Problem } from '../api/problem';
import { useSession } from '../session';
import { Page } from '../shell/page';
import { Preferences } from '../shell/preferences';
import { Summary, useFieldError } from '../shell/trouble';
import { useWords } from '../words';

// Account is who is signed in, how the application looks to them, and their password.
export function Account() {
  const { me, region } = useSession();
  const { t } = useWords();
  return (
    <Page title={t('nav.account')} narrow about={t('account.who', { username: me.username, role: t(`role.${me.role}`), region: region.name })}>
      <Paper withBorder p="md"><Preferences /></Paper>
      <Password />
    </Page>
  );
}

function Password() {
  const { t } = useWords();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [done, setDone] = useState(false);
  const error = useFieldError(problem);

  async function change(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const given = new FormData(form);
    setProblem(null);
    setDone(false);
    try {
      await call(api.POST('/api/v1/me/password', { body: { current: String(given.get('current')), password: String(given.get('password')) } }));
      form.reset();
      setDone(true);
    } catch (e) {
      setProblem(asProblem(e));
    }
  }

  return (
    <Paper withBorder p="md" component="form" onSubmit={(e) => void change(e as unknown as FormEvent<HTMLFormElement>)}>
      <Stack>
        <Title order={2} size="h4">{t('account.password')}</Title>
        <Summary problem={problem} inputs={{ 'body.current': 'current', 'body.password': 'password' }} />
        {done && <Alert role="status" variant="outline">{t('account.changed')}</Alert>}
        <PasswordInput id="current" name="current" label={t('account.current')} autoComplete="current-password" required error={error('body.current')} visibilityToggleButtonProps={{ 'aria-label': t('signin.show') }} />
        <PasswordInput id="password" name="password" label={t('account.new')} description={t('account.rule')} autoComplete="new-password" required error={error('body.password')} visibilityToggleButtonProps={{ 'aria-label': t('signin.show') }} />
        <Button type="submit" w="fit-content">{t('account.change')}</Button>
      </Stack>
    </Paper>
  );
}
