import { Anchor, Text } from '@mantine/core';
import { useWords } from '../words';

// Files offers a list as a file, all of it: what the server lists at that path with that query.
export function Files({ of, name, query = {} }: { of: string; name: string; query?: Record<string, string | number | boolean | undefined> }) {
  const { t } = useWords();
  const asked = new URLSearchParams(Object.entries(query).flatMap(([k, v]) => (v === undefined || v === '' ? [] : [[k, String(v)]]))).toString();
  return (
    <Text size="sm" className="noprint files">
      {t('app.download')}
      {(['xlsx', 'csv'] as const).map((form) => (
        <Anchor key={form} href={`/api/v1/exports/${of}.${form}${asked && '?' + asked}`} download={`${of}.${form}`} aria-label={t('app.download-as', { name, form: form.toUpperCase() })}>{form.toUpperCase()}</Anchor>
      ))}
    </Text>
  );
}
