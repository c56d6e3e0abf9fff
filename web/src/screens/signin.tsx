import { Button, Paper, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useRef, useState, type FormEvent } from 'react';
import { api, call } from '../api/client';
import { asProblem, type Problem } from '../api/problem';
import { enter, leave, type Me } from '../session';
import { Dialog } from '../shell/dialog';
import { Summary } from '../shell/trouble';
import { Preferences } from '../shell/preferences';
import { forgetMe, remember, remembered } from '../who';
import { useWords } from '../words';

function Credentials({ username, entered }: { username?: string; entered: (me: Me) => void }) {
  const { t } = useWords();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const name = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);

  async function submit(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    const body = { username: username ?? name.current!.value.trim(), password: password.current!.value };
    // The session becomes another's before its answer is here: what waits in other tabs is not sent meanwhile.
    const before = remembered();
    if (before && before.username !== body.username) forgetMe();
    try {
      const me = await call(api.POST('/api/v1/session', { body }));
      enter(me);
      entered(me);
    } catch (e) {
      if (before) remember(before);
      setProblem(asProblem(e));
      password.current?.focus();
    } finally {
      setBusy(false);
    }
  }

  return (
    <form onSubmit={(e) => void submit(e)}>
      <Stack>
        <Summary problem={problem} />
        {username ? (
          <Text>{t('signin.as', { username })}</Text>
        ) : (
          <TextInput ref={name} id="username" label={t('signin.username')} autoComplete="username" autoCapitalize="none" spellCheck={false} required />
        )}
        <PasswordInput
          ref={password} id="password" label={t('signin.password')} autoComplete="current-password" required
          visibilityToggleButtonProps={{ 'aria-label': t('signin.show') }}
        />
        <Button type="submit" loading={busy} size="md">{t('signin.enter')}</Button>
      </Stack>
    </form>
  );
}

// SignIn is the first page.
export function SignIn({ entered }: { entered: (me: Me) => void }) {
  const { t } = useWords();
  return (
    <main className="signin">
      <Paper withBorder p="xl" radius="md" w="100%" maw={420}>
        <Title order={1} size="h2">{t('app.name')}</Title>
        <Text mb="lg" c="dimmed">{t('app.about')}</Text>
        <Credentials entered={entered} />
      </Paper>
      <Preferences />
    </main>
  );
}

// Expired asks who is at work to sign in again, over the work.
export function Expired({ me, entered }: { me: Me; entered: () => void }) {
  const { t } = useWords();
  return (
    <Dialog opened title={t('signin.expired')}>
      <Stack>
        <Text>{t('signin.kept')}</Text>
        <Credentials username={me.username} entered={entered} />
        <Button
          variant="subtle"
          onClick={() => {
            leave();
            location.assign('/');
          }}
        >
          {t('signin.other')}
        </Button>
      </Stack>
    </Dialog>
  );
}
