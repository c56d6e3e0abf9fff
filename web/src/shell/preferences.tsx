import { Group, useMantineColorScheme } from '@mantine/core';
import type { Language } from '../format';
import { speak, useWords } from '../words';
import { Choice } from './choice';

// Preferences are the language, and light or dark.
export function Preferences() {
  const { t, language } = useWords();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Group gap="sm" justify="center">
      <Choice<Language> label={t('app.language')} value={language} onChange={(l) => void speak(l)} options={[['id', 'Indonesia'], ['en', 'English']]} />
      <Choice label={t('app.scheme')} value={colorScheme} onChange={setColorScheme} options={[['light', t('app.light')], ['dark', t('app.dark')], ['auto', t('app.auto')]]} />
    </Group>
  );
}
