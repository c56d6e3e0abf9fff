import { SegmentedControl, Group, useMantineColorScheme } from '@mantine/core';
import type { Language } from '../format';
import { speak, useWords } from '../words';

// Preferences are the language, and light or dark.
export function Preferences() {
  const { t, language } = useWords();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Group gap="sm" justify="center">
      <SegmentedControl
        aria-label={t('app.language')} value={language} onChange={(v) => speak(v as Language)}
        data={[{ value: 'id', label: 'Indonesia' }, { value: 'en', label: 'English' }]}
      />
      <SegmentedControl
        aria-label={t('app.scheme')} value={colorScheme} onChange={(v) => setColorScheme(v as 'light' | 'dark' | 'auto')}
        data={[{ value: 'light', label: t('app.light') }, { value: 'dark', label: t('app.dark') }, { value: 'auto', label: t('app.auto') }]}
      />
    </Group>
  );
}
