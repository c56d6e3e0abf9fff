import { useWords } from '../words';
import { Axes } from './axes';
import { Chart } from './chart';
import { slots, vertical } from './geometry';

export interface Bar {
  key: string;
  label: string; // in the table
  tick: string; // under the axis
  value: number;
}

// Bars is a chart of values by time.
export function Bars({ title, about, unit, bars, help, asOf }: { title: string; about: string; unit: string; bars: Bar[]; help?: string; asOf?: string }) {
  const { t, f } = useWords();
  const draw = (width: number, height: number) => {
    const plot = { left: 52, right: Math.max(60, width - 8), top: 10, bottom: height - 26 };
    const y = vertical(bars.map((b) => b.value), plot);
    const x = slots(bars.length, plot);
    return (
      <>
        <Axes plot={plot} scale={y} ticks={bars.map((b) => b.tick)} at={(i) => x.at(i) + x.width / 2} />
        {bars.map((b, i) => (
          <rect key={b.key} className="bar" x={x.at(i)} width={x.width} y={y.at(b.value)} height={Math.max(0, plot.bottom - y.at(b.value))}>
            <title>{`${b.label}: ${f.pieces(b.value)} ${unit}`}</title>
          </rect>
        ))}
      </>
    );
  };
  return (
    <Chart
      title={title} about={about} help={help} asOf={asOf} height={220} draw={draw} rows={bars} id={(b) => b.key}
      columns={[
        { key: 'label', head: t('chart.when'), cell: (b) => b.label, sort: (b) => b.key },
        { key: 'value', head: unit, cell: (b) => f.pieces(b.value), sort: (b) => b.value, number: true },
      ]}
    />
  );
}
