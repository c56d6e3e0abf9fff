import { useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, useCallback, useContext, useEffect, useState, type ReactNode } from 'react';
import { api, call, signedOut, type Schemas } from './api/client';
import { asProblem } from './api/problem';
import { today, type Zone } from './format';
import { kept } from './kept';
import { Expired, SignIn } from './screens/signin';
import { Loading, Trouble } from './shell/trouble';
import { forgetMe, hear, remember, remembered, type Me } from './who';

export type { Me } from './who';
export type Region = Schemas['Region'];

export interface Session {
  me: Me;
  region: Region; // top of what the user reaches
  today: string; // in the region's zone
  may: (action: string) => boolean;
}

const Context = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(Context);
  if (!session) throw new Error('no session');
  return session;
}

const left = 'blangko-left'; // somebody left while the network was down

// readMe asks who is signed in. Without a network it is who was signed in last on this device, so that work goes on.
async function readMe(): Promise<Me | null> {
  try {
    if (localStorage.getItem(left)) {
      await call(api.DELETE('/api/v1/session'));
      localStorage.removeItem(left);
    }
    const me = await call(api.GET('/api/v1/me'));
    remember(me);
    return me;
  } catch (e) {
    const problem = asProblem(e);
    if (problem.status === 401) localStorage.removeItem(left);
    if (problem.status === 401) return remembered(); // the session has expired; Expired asks to sign in again
    const me = problem.passing ? remembered() : null;
    if (me) return me;
    throw e;
  }
}

// leave forgets who was signed in. Where the server could not be told, it is told before anything else is asked of it.
export function leave(untold = false) {
  forgetMe();
  if (untold) localStorage.setItem(left, '1');
}

export function enter(me: Me) {
  localStorage.removeItem(left);
  remember(me);
}

// stays asks again who is signed in. A tab stays its user's while it lives: where the session is another's by now, or
// nobody's, its user is asked to sign in again, and nothing goes on in the other's name.
async function stays(was: Me | null | undefined): Promise<Me | null> {
  const now = await readMe();
  if (!was || now?.username === was.username) return now;
  signedOut.dispatchEvent(new Event('expired'));
  return was;
}

// SessionGate shows the application to who is signed in, and asks the others to sign in. When a session ends while
// something is being typed, it asks over it: nothing typed is lost.
export function SessionGate({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const [expired, setExpired] = useState(false);
  const me = useQuery({ queryKey: ['me'], queryFn: () => stays(queries.getQueryData<Me | null>(['me'])), staleTime: Infinity });
  const region = useQuery({
    queryKey: ['region', me.data?.region],
    enabled: !!me.data,
    queryFn: () => kept(me.data!.username, `region ${me.data!.region}`, () => call(api.GET('/api/v1/regions/{code}', { params: { path: { code: me.data!.region } } }))),
    staleTime: Infinity,
  });
  // A day ends while the application is open.
  const zone = region.data?.value.zone as Zone | undefined;
  const [, turn] = useState('');
  useEffect(() => {
    const clock = zone && setInterval(() => turn(today(zone)), 20_000);
    return () => clearInterval(clock);
  }, [zone]);
  useEffect(() => {
    const ended = () => setExpired(true);
    signedOut.addEventListener('expired', ended);
    return () => signedOut.removeEventListener('expired', ended);
  }, []);
  const own = me.data?.username;
  const back = useCallback(() => {
    setExpired(false);
    signedOut.dispatchEvent(new Event('back'));
    void queries.invalidateQueries();
  }, [queries]);
  // The tabs share one session: when it becomes another's, this one asks its own user to sign in again.
  useEffect(() => (own === undefined ? undefined : hear((username) => (username === own ? back() : setExpired(true)))), [own, back]);

  if (me.isPending) return <Loading />;
  if (me.isLoadingError) return <Trouble problem={asProblem(me.error)} again={() => void me.refetch()} />;
  if (!me.data) {
    const entered = (who: Me) => {
      setExpired(false);
      queries.setQueryData(['me'], who);
    };
    return <SignIn entered={entered} />;
  }
  const dialog = expired && <Expired me={me.data} entered={back} />;
  if (region.isPending) return <Loading />;
  if (region.isLoadingError) return dialog || <Trouble problem={asProblem(region.error)} again={() => void region.refetch()} />;
  const top = region.data.value;
  const session: Session = {
    me: me.data,
    region: top,
    today: today(top.zone as Zone),
    may: (action) => (me.data!.actions ?? []).includes(action),
  };
  return (
    <Context.Provider value={session}>
      {children}
      {dialog}
    </Context.Provider>
  );
}
