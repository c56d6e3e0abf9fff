import createClient from 'openapi-fetch';
import type { components, paths } from './schema';
import { Problem, problemOf } from './problem';

export type Schemas = components['schemas'];

// Longest wait for an answer. A district office on a bad line gets its answer late; it should get it all the same.
const patience = 45_000;

async function patient(request: Request): Promise<Response> {
  try {
    return await fetch(new Request(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(patience)]) }));
  } catch (cause) {
    if (request.signal.aborted) throw cause;
    throw new Problem({ status: 0, code: cause instanceof DOMException && cause.name === 'TimeoutError' ? 'timeout' : 'network' });
  }
}

export const api = createClient<paths>({ baseUrl: location.origin, fetch: patient });

// signedOut tells the shell that the session has 'expired', so that it asks to sign in over what is being typed, and the
// queue that its owner is 'back'.
export const signedOut = new EventTarget();

// call unwraps an answer: the body, or a Problem. `etag` is the version of what was answered, for If-Match.
export async function call<T>(asked: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  let got;
  try {
    got = await asked;
  } catch (cause) {
    // A half answer cannot be read: the connection was cut.
    if (cause instanceof SyntaxError || cause instanceof TypeError) throw new Problem({ status: 0, code: 'network' });
    throw cause;
  }
  if (got.response.ok && got.data !== undefined) return got.data;
  const problem = problemOf(got.response.status, got.error);
  if (problem.status === 401 && problem.code !== 'sign-in-failed') signedOut.dispatchEvent(new Event('expired'));
  throw problem;
}

// onto is the version that a change builds on.
export const onto = (thing: { version: number }) => ({ 'If-Match': `"${thing.version}"` });

// once is the key under which a write is done once, however often it is sent.
export const once = () => crypto.randomUUID();
