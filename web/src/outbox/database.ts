import Dexie, { type Table } from 'dexie';
import type { ProblemBody } from '../api/problem';

// Waiting is one record that was written on this device. Its id is the Idempotency-Key under which it is sent: sent twice, it is done once.
export interface Waiting {
  id: string;
  user: string;
  kind: 'use' | 'receipt' | 'result' | 'step';
  title: string; // what it is, in the language in which it was written
  path: string;
  body: unknown;
  version?: number; // of what it changes, where that must be named
  visit?: number; // which it is about
  read?: unknown; // what was seen of that when it was written
  made: number; // instant it was written
  state: 'waiting' | 'refused' | 'conflict' | 'sent';
  tries: number;
  next: number; // not before this instant
  sent?: number;
  problem?: ProblemBody;
}

// Kept is the last answer to a question, for when the network is down.
export interface Kept {
  key: string;
  user: string;
  at: number;
  value: unknown;
}

class Device extends Dexie {
  outbox!: Table<Waiting, string>;
  kept!: Table<Kept, string>;

  constructor() {
    super('blangko');
    this.version(1).stores({ outbox: 'id, user, state, made', kept: 'key, user' });
  }
}

export const device = new Device();
