import { Button, Group, Title } from '@mantine/core';
import { useDisclosure, useElementSize } from '@mantine/hooks';
import { useId, type ReactNode } from 'react';
import { Help } from '../shell/help';
import { Sortable, type Column } from '../shell/table';
import { useWords } from '../words';

interface Props<T> {
  title: string;
  about: string; // what is to be seen, for who cannot see it
  help?: string; // figure that is explained beside the title
  asOf?: string;
  height: number | ((width: number) => number);
  draw: (width: number, height: number) => ReactNode;
  legend?: [tone: string, label: string][];
  rows: T[];
  columns: Column<T>[];
  id: (row: T) => string;
  control?: ReactNode; // what is shown may be chosen here
  className?: string;
  instead?: false | ((width: number) => ReactNode); // drawn in place of the chart
}

// Chart is the frame of every drawing: its title and description, its help and legend, and the same as a table. What is
// inside is drawn from the measured width, so that its words are as large on a phone as on a wall.
export function Chart<T>({ title, about, help, asOf, height, draw, legend, rows, columns, id, control, className, instead }: Props<T>) {
  const { t } = useWords();
  const { ref, width } = useElementSize();
  const names = useId();
  const [asTable, { toggle }] = useDisclosure(false);
  const high = typeof height === 'function' ? height(width) : height;
  return (
    <section aria-labelledby={`${names}-h`} className="drawing">
      <Group justify="space-between" align="center" mb="xs" gap="xs">
        <Group gap="xs" wrap="nowrap">
          <Title order={2} size="h4" id={`${names}-h`}>{title}</Title>
          {help && <Help of={help} asOf={asOf} />}
        </Group>
        {control}
      </Group>
      <div ref={ref} className={className}>
        {width > 0 && !asTable && instead && instead(width)}
        {width > 0 && !asTable && !instead && (
          <svg width={width} height={high} role="img" aria-labelledby={`${names}-t ${names}-d`} className="chart">
            <title id={`${names}-t`}>{title}</title>
            <desc id={`${names}-d`}>{about}</desc>
            {draw(width, high)}
          </svg>
        )}
        {asTable && <Sortable caption={title} rows={rows} id={id} columns={columns} tall />}
      </div>
      <Group justify="space-between" align="center" gap="xs" mt={4}>
        {legend && !asTable ? <ul className="legend">{legend.map(([tone, label]) => <li key={label}>{tone && <i className={tone} />}{label}</li>)}</ul> : <span />}
        <Button variant="subtle" size="compact-md" onClick={toggle} className="noprint turn">{t(asTable ? 'chart.as-chart' : 'chart.as-table')}</Button>
      </Group>
    </section>
  );
}
