import { Alert, Anchor, Button, Group, List, Loader, Stack, Text } from '@mantine/core';
import { useEffect, useRef } from 'react';
import type { Problem } from '../api/problem';
import { useWords } from '../words';

export function Loading() {
  const { t } = useWords();
  return (
    <Group p="xl" justify="center" role="status">
      <Loader size="sm" aria-hidden />
      <Text>{t('app.loading')}</Text>
    </Group>
  );
}

// Trouble stands where something could not be shown: what went wrong, and the way on.
export function Trouble({ problem, again }: { problem: Problem; again?: () => void }) {
  const words = useWords();
  return (
    <Alert color="red" variant="outline" title={words.t('app.trouble')} m="md" role="alert" className="trouble">
      <Stack align="flex-start">
        <Text>{words.problem(problem)}</Text>
        {problem.request_id && <Text size="sm">{words.t('app.request', { id: problem.request_id })}</Text>}
        {again && <Button variant="outline" color="red" onClick={again}>{words.t('app.again')}</Button>}
      </Stack>
    </Alert>
  );
}

// Summary stands over a form that was refused: what is wrong, with a way to each field. It takes the focus.
// `inputs` names the element of each location of the input.
export function Summary({ problem, inputs = {} }: { problem: Problem | null; inputs?: Record<string, string> }) {
  const words = useWords();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (problem) box.current?.focus();
  }, [problem]);
  if (!problem) return null;
  return (
    <Alert ref={box} tabIndex={-1} role="alert" color="red" variant="outline" title={words.problem(problem)} className="trouble">
      {problem.errors.length > 0 && (
        <List size="sm">
          {problem.errors.map((e) => (
            <List.Item key={e.location + e.code}>
              {inputs[e.location] ? (
                <Anchor
                  href={'#' + inputs[e.location]}
                  onClick={(event) => {
                    event.preventDefault();
                    document.getElementById(inputs[e.location]!)?.focus();
                  }}
                >
                  {words.field(e)}
                </Anchor>
              ) : (
                `${e.location}: ${words.field(e)}`
              )}
            </List.Item>
          ))}
        </List>
      )}
      {problem.request_id && problem.status >= 500 && <Text size="sm">{words.t('app.request', { id: problem.request_id })}</Text>}
    </Alert>
  );
}

// useFieldError words what is wrong with the field at a location, for the input's own error line.
export function useFieldError(problem: Problem | null) {
  const words = useWords();
  return (location: string) => {
    const wrong = problem?.errors.find((e) => e.location === location);
    return wrong ? words.field(wrong) : undefined;
  };
}
