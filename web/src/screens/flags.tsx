import { Button, Checkbox, Group, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call, onto } from '../api/client';
import { useDeed } from '../deed';
import { Dialog } from '../shell/dialog';
import { Stale } from '../shell/stale';
import { Summary } from '../shell/trouble';
import type { Site } from '../visits';
import { useWords } from '../words';

// What a person may find right as it is; the others only a point or a count can mend.
const judged = ['outside-region', 'outside-district', 'near-duplicate', 'perhaps-at-sea', 'perhaps-on-island'] as const;
type Judged = (typeof judged)[number];

// judgeable are the flags of a site that a person may judge, or has.
export const judgeable = (s: Site): Judged[] => judged.filter((x) => s.flags?.includes(x) || s.checked?.includes(x));

// Flags lets a person say which of the things that are odd about a site are right as they are; unticked they are raised again.
export function Flags({ site, close }: { site: Site; close: () => void }) {
  const { t } = useWords();
  const queries = useQueryClient();
  const [read, setRead] = useState(site);
  const [now, setNow] = useState<Site | null>(null);
  const [right, tick] = useState<ReadonlySet<string>>(new Set(site.checked ?? []));
  const deed = useDeed((on: { site: Site; flags: Judged[] }, key) =>
    call(api.POST('/api/v1/sites/{id}/check', { params: { path: { id: on.site.id }, header: { ...onto(on.site), 'Idempotency-Key': key } }, body: { flags: on.flags } })));
  async function save(on: Site) {
    if (await deed.act({ site: on, flags: judged.filter((x) => right.has(x)) })) return close();
    setNow(await queries.fetchQuery({ queryKey: ['site', 'now', on.id], staleTime: 0, queryFn: () => call(api.GET('/api/v1/sites/{id}', { params: { path: { id: on.id } } })) }).catch(() => null));
  }
  const told = (list: readonly string[] | null | undefined) => (list?.length ? list.map((x) => t(`site.flag.${x}`)).join('; ') : '–');
  return (
    <Dialog opened title={site.name} close={close}>
      <Stack>
        {deed.problem?.status === 412 && now && now.version !== read.version ? (
          <Stale
            differences={[{ label: t('result.flags'), read: told(read.flags), now: told(now.flags) }, { label: t('site.checked'), read: told(read.checked), now: told(now.checked) }]} busy={deed.busy}
            again={() => { setRead(now); void save(now); }}
          />
        ) : (
          <Summary problem={deed.problem} />
        )}
        <Text>{t('site.check-hint')}</Text>
        <ul className="checks">
          {judgeable(site).map((x) => (
            <li key={x}>
              <Checkbox
                size="md" checked={right.has(x)} label={t('site.is-right', { flag: t(`site.flag.${x}`) })}
                onChange={(e) => {
                  const next = new Set(right);
                  if (e.currentTarget.checked) next.add(x);
                  else next.delete(x);
                  tick(next);
                }}
              />
            </li>
          ))}
        </ul>
        <Group>
          <Button loading={deed.busy} onClick={() => void save(read)}>{t('site.save')}</Button>
          <Button variant="subtle" onClick={close}>{t('app.cancel')}</Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
