import { useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useState, type ReactNode } from 'react';
import { api, call, signedOut, type Schemas } from './api/client';
import { asProblem } from './api/problem';
import { today, type Zone } from './format';
import { kept } from './kept';
import { Expired, SignIn } from './screens/signin';
import { Loading, Trouble } from './shell/trouble';

export type Me = Schemas['Me'];
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

const last = 'blangko-me';
const left = 'blangko-left'; // somebody left while the network was down

// readMe asks who is signed in. Without a network it is who was signed in last on this device, so that work goes on.
async function readMe(): Promise<Me | null> {
  try {
    if (localStorage.getItem(left)) {
      await call(api.DELETE('/api/v1/session'));
      localStorage.removeItem(left);
    }
    const me = await call(api.GET('/api/v1/me'));
    localStorage.setItem(last, JSON.stringify(me));
    return me;
  } catch (e) {
    const problem = asProblem(e);
    if (problem.status === 401) localStorage.removeItem(left);
    if (problem.status === 401) return lastMe(); // the session has expired; Expired asks to sign in again
    const me = problem.passing ? lastMe() : null;
    if (me) return me;
    throw e;
  }
}

function lastMe(): Me | null {
  const text = localStorage.getItem(last);
  return text ? (JSON.parse(text) as Me) : null;
}

// leave forgets who was signed in. Where the server could not be told, it is told before anything else is asked of it.
export function leave(untold = false) {
  localStorage.removeItem(last);
  if (untold) localStorage.setItem(left, '1');
}

export function enter(me: Me) {
  localStorage.removeItem(left);
  localStorage.setItem(last, JSON.stringify(me));
}

// SessionGate shows the application to who is signed in, and asks the others to sign in. When a session ends while
// something is being typed, it asks over it: nothing typed is lost.
export function SessionGate({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const [expired, setExpired] = useState(false);
  const me = useQuery({ queryKey: ['me'], queryFn: readMe, staleTime: Infinity });
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

  if (me.isPending) return <Loading />;
  if (me.isLoadingError) return <Trouble problem={asProblem(me.error)} again={() => void me.refetch()} />;
  if (!me.data) {
    const entered = (who: Me) => {
      setExpired(false);
      queries.setQueryData(['me'], who);
    };
    return <SignIn entered={entered} />;
  }
  const back = () => {
    setExpired(false);
    signedOut.dispatchEvent(new Event('back'));
    void queries.invalidateQueries();
  };
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
