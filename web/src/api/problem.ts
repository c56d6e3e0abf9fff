// FieldFault is one wrong part of the input: where, and why.
export interface FieldFault {
  location: string;
  code: string;
  value?: unknown;
  facts?: Record<string, unknown>;
}

export interface ProblemBody {
  status: number;
  code: string;
  facts?: Record<string, unknown>;
  errors?: FieldFault[] | null;
  request_id?: string;
}

// Problem is every error that a person can be told: what the API answers as RFC 9457, and a network that is not there.
export class Problem extends Error implements ProblemBody {
  status: number;
  code: string;
  facts: Record<string, unknown>;
  errors: FieldFault[];
  request_id?: string;

  constructor(body: ProblemBody) {
    super(body.code);
    this.status = body.status;
    this.code = body.code;
    this.facts = body.facts ?? {};
    this.errors = body.errors ?? [];
    this.request_id = body.request_id;
  }

  // passing troubles may be over in a moment: asking again is worth it.
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

// problemOf reads what the API answered; an answer that is no problem document (a proxy's page) is worded by its status.
export function problemOf(status: number, body: unknown): Problem {
  if (typeof body === 'object' && body !== null && 'code' in body && typeof body.code === 'string') {
    return new Problem({ ...(body as ProblemBody), status });
  }
  return new Problem({ status, code: status >= 500 || status < 400 ? 'internal' : 'malformed-request' });
}

export const asProblem = (e: unknown): Problem => (e instanceof Problem ? e : new Problem({ status: 0, code: 'internal' }));
