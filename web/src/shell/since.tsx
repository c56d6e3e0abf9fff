import { Text } from '@mantine/core';
import type { Zone } from '../format';
import { useSession } from '../session';
import { useWords } from '../words';

// Since says that what is shown was kept on the device, and of when it is.
export function Since({ at }: { at?: number }) {
  const { t, f } = useWords();
  const { region } = useSession();
  if (!at) return null;
  return <Text className="banner offline" role="status">{t('app.since', { when: f.instant(new Date(at).toISOString(), region.zone as Zone) })}</Text>;
}
