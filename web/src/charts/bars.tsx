import { Button } from '@mantine/core';
import { useDisclosure, useElementSize } from '@mantine/hooks';
import { useId } from 'react';
import { Sortable } from '../shell/table';
import { useWords } from '../words';
import { slots, spaced, vertical } from './geometry';

export interface Bar {
  key: string;
  label: string; // in the table
  tick: string; // under the axis
  value: number;
}

// Bars is a chart of values by time, with the same as a table.
export function Bars({ title, about, unit, bars, height = 200 }: { title: string; about: string; unit: string; bars: Bar[]; height?: number }) {
  const { t, f } = useWords();
  const { ref, width } = useElementSize();
  const names = useId();
  const [asTable, { toggle }] = useDisclosure(false);
  const plot = { left: 52, right: Math.max(60, width - 8), top: 10, bottom: height - 26 };
  const y = vertical(bars.map((b) => b.value), plot);
  const x = slots(bars.length, plot);
  return (
    <div>
      <div ref={ref}>
        {width > 0 && !asTable && (
          <svg width={width} height={height} role="img" aria-labelledby={`${names}-t ${names}-d`} className="chart">
            <title id={`${names}-t`}>{title}</title>
            <desc id={`${names}-d`}>{about}</desc>
            {y.ticks.map((v) => (
              <g key={v}>
                <line className="axis" x1={plot.left} x2={plot.right} y1={y.at(v)} y2={y.at(v)} />
                <text x={plot.left - 6} y={y.at(v) + 4} textAnchor="end">{f.pieces(v)}</text>
              </g>
            ))}
            {bars.map((b, i) => (
              <rect key={b.key} className="bar" x={x.at(i)} width={x.width} y={y.at(b.value)} height={Math.max(0, plot.bottom - y.at(b.value))}>
                <title>{`${b.label}: ${f.pieces(b.value)} ${unit}`}</title>
              </rect>
            ))}
            {spaced(bars.length, plot, 64).map((i) => (
              <text key={i} x={Math.min(plot.right - 24, Math.max(plot.left + 18, x.at(i) + x.width / 2))} y={height - 8} textAnchor="middle">{bars[i]!.tick}</text>
            ))}
          </svg>
        )}
      </div>
      {asTable && (
        <Sortable
          caption={title} rows={bars} id={(b) => b.key} tall
          columns={[
            { key: 'label', head: t('chart.when'), cell: (b) => b.label, sort: (b) => b.key },
            { key: 'value', head: unit, cell: (b) => f.pieces(b.value), sort: (b) => b.value, number: true },
          ]}
        />
      )}
      <Button variant="subtle" size="compact-md" mt={4} onClick={toggle} className="noprint">{t(asTable ? 'chart.as-chart' : 'chart.as-table')}</Button>
    </div>
  );
}
