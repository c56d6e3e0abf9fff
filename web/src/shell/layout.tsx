import { Alert, Anchor, AppShell, Burger, Button, Group, NavLink, Popover, Stack, Text, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { api, call } from '../api/client';
import { asProblem } from '../api/problem';
import { forget } from '../kept';
import { age } from '../outbox/outbox';
import { useOnline, useSending, useUnsent } from '../outbox/queue';
import { leave, useSession, type Session } from '../session';
import { useWords } from '../words';
import { Dialog } from './dialog';
import { update, updateWaits } from './update';

interface Entry {
  to: string;
  key: string;
  shown: (s: Session) => boolean;
}

// keeps tells who records without a network, and so has a queue.
const keeps = (s: Session) => s.may('uses.report') || s.may('shipments.receive') || s.may('visits.report');

const entries: Entry[] = [
  { to: '/', key: 'home', shown: (s) => s.may('stock.read') },
  { to: '/visits', key: 'visits', shown: (s) => s.may('visits.report') },
  { to: '/outreach', key: 'outreach', shown: (s) => s.may('outreach.read') },
  { to: '/coverage', key: 'coverage', shown: (s) => s.may('coverage.record') || s.may('coverage.verify') },
  { to: '/alerts', key: 'alerts', shown: (s) => s.may('alerts.read') },
  { to: '/requests', key: 'requests', shown: (s) => s.may('requests.read') },
  { to: '/shipments', key: 'shipments', shown: (s) => s.may('shipments.read') },
  { to: '/use', key: 'use', shown: (s) => s.may('uses.report') },
  { to: '/queue', key: 'queue', shown: keeps },
  { to: '/account', key: 'account', shown: () => true },
];

// Layout stands around every screen: who is at work, for which region, where to go, and what waits to be sent.
export function Layout() {
  const session = useSession();
  const { t } = useWords();
  const [open, { toggle, close }] = useDisclosure(false);
  const { pathname } = useLocation();
  const office = session.region.level !== 'nation' && session.region.level !== 'province';
  const main = useRef<HTMLElement>(null);
  const queries = useQueryClient();
  const sent = useCallback(() => void queries.invalidateQueries(), [queries]);
  useSending(session.me.username, sent);

  // A new screen is read from its top, by eye and by ear.
  const before = useRef(pathname);
  useEffect(() => {
    close();
    if (before.current !== pathname) main.current?.focus({ preventScroll: true });
    before.current = pathname;
  }, [pathname, close]);

  return (
    <AppShell header={{ height: 60 }} navbar={{ width: 220, breakpoint: 'sm', collapsed: { mobile: !open } }} padding="md">
      <a className="skip" href="#main">{t('app.skip')}</a>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="xs" wrap="nowrap" className="grow">
            <Burger opened={open} onClick={toggle} hiddenFrom="sm" size="sm" aria-label={t('app.menu')} aria-expanded={open} />
            <Text fw={700} className="wordmark">blangko</Text>
            <Text className="scope" title={session.region.name}>
              <span className="hidden">{t('app.scope')}: </span>
              {session.region.name}
            </Text>
          </Group>
          <Group gap="xs" wrap="nowrap">
            {keeps(session) && <QueueBadge user={session.me.username} />}
            <Person />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label={t('app.menu')}>
        {entries.filter((e) => e.shown(session)).map((e) => (
          <NavLink
            key={e.to} component={Link} to={e.to} label={t(`nav.${e.key === 'home' && office ? 'office' : e.key}`)} className="nav"
            active={e.to === '/' ? pathname === '/' || pathname.startsWith('/regions') : pathname.startsWith(e.to)}
            aria-current={pathname === e.to ? 'page' : undefined}
          />
        ))}
      </AppShell.Navbar>
      <AppShell.Main id="main" ref={main} tabIndex={-1}>
        <Banners synthetic={session.me.synthetic} />
        <Outlet />
      </AppShell.Main>
    </AppShell>
  );
}

function Banners({ synthetic }: { synthetic: boolean }) {
  const { t } = useWords();
  const online = useOnline();
  const [newer, setNewer] = useState(updateWaits);
  useEffect(() => {
    const ready = () => setNewer(true);
    update.addEventListener('ready', ready);
    return () => update.removeEventListener('ready', ready);
  }, []);
  return (
    <Stack gap="xs" className="banners">
      {synthetic && <Text className="banner synthetic">{t('app.synthetic')}</Text>}
      <Outdated />
      {!online && <Text className="banner offline" role="status">{t('app.offline')}</Text>}
      {newer && (
        <Alert variant="outline" title={t('app.newer')} className="noprint">
          <Button onClick={() => update.dispatchEvent(new Event('take-over'))}>{t('app.reload')}</Button>
        </Alert>
      )}
    </Stack>
  );
}

// Outdated says that something in sight could not be asked anew: what is shown is what was last answered.
function Outdated() {
  const { t, problem } = useWords();
  const queries = useQueryClient();
  const cache = queries.getQueryCache();
  const failed = useSyncExternalStore(
    useCallback((changed) => cache.subscribe(changed), [cache]),
    () => cache.findAll({ type: 'active' }).find((q) => q.state.status === 'error' && q.state.data !== undefined)?.state.error ?? null,
  );
  if (!failed) return null;
  return (
    <Group className="banner offline" role="status" gap="xs">
      <span>{t('app.outdated', { why: problem(asProblem(failed)) })}</span>
      <Button size="compact-sm" variant="outline" onClick={() => void queries.invalidateQueries()}>{t('app.again')}</Button>
    </Group>
  );
}

function QueueBadge({ user }: { user: string }) {
  const { t } = useWords();
  const unsent = useUnsent(user);
  if (unsent.length === 0) return null;
  return (
    <Anchor component={Link} to="/queue" className={`queue-badge ${age(unsent)}`} aria-label={t('queue.badge', { count: unsent.length })}>
      {unsent.length}
    </Anchor>
  );
}

function Person() {
  const { me } = useSession();
  const { t } = useWords();
  const queries = useQueryClient();
  const unsent = useUnsent(me.username);
  const [open, toggle] = useDisclosure(false);
  const [held, hold] = useDisclosure(false);

  async function signOut() {
    toggle.close();
    if (unsent.length > 0) return hold.open();
    const ended = await call(api.DELETE('/api/v1/session')).then(() => true, () => false);
    await forget(me.username);
    leave(!ended);
    queries.clear();
    location.assign('/');
  }

  return (
    <>
      <Popover opened={open} onChange={(on) => !on && toggle.close()} position="bottom-end" width={280} shadow="md" trapFocus returnFocus>
        <Popover.Target>
          <UnstyledButton className="person" aria-label={t('app.person', { username: me.username })} onClick={toggle.toggle}>{me.username}</UnstyledButton>
        </Popover.Target>
        <Popover.Dropdown aria-label={t('app.person', { username: me.username })}>
          <Text size="sm" c="dimmed" mb="xs">{t(`role.${me.role}`)}</Text>
          <Button variant="default" fullWidth onClick={() => void signOut()}>{t('app.leave')}</Button>
        </Popover.Dropdown>
      </Popover>
      <Dialog opened={held} close={hold.close} title={t('queue.held')}>
        <Stack>
          <Text>{t('queue.held-why', { count: unsent.length })}</Text>
          <Button component={Link} to="/queue" onClick={hold.close}>{t('queue.see')}</Button>
        </Stack>
      </Dialog>
    </>
  );
}
