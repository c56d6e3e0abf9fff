import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { once } from './api/client';
import { asProblem, type Problem } from './api/problem';

// useDeed does one write. The same input asked again after a lost reply goes under the same key, so that it is done once;
// another input is another deed. What it changed is read anew.
export function useDeed<I, O>(run: (input: I, key: string) => Promise<O>) {
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const last = useRef({ input: '', key: '' });

  async function act(input: I): Promise<O | undefined> {
    const text = JSON.stringify(input);
    if (last.current.input !== text) last.current = { input: text, key: once() };
    setBusy(true);
    setProblem(null);
    try {
      const out = await run(input, last.current.key);
      last.current = { input: '', key: '' };
      await queries.invalidateQueries();
      return out;
    } catch (e) {
      const p = asProblem(e);
      if (!p.passing && p.status !== 401) last.current = { input: '', key: '' };
      setProblem(p);
      return undefined;
    } finally {
      setBusy(false);
    }
  }

  return { act, busy, problem, forget: () => setProblem(null) };
}
