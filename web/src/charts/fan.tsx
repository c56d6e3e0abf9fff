import { area, line } from 'd3-shape';
import { useWords } from '../words';
import { Axes } from './axes';
import { Chart } from './chart';
import { spread, vertical, type Plot } from './geometry';

// Step is one moment of a fan: what was, or what is foreseen, with the bounds that hold it in 80 and 95 of 100 cases.
export interface Step {
  key: string;
  label: string; // in the table
  tick: string; // under the axis
  past?: number;
  mean?: number;
  in80?: [number, number];
  in95?: [number, number];
}

interface Props {
  title: string;
  about: string;
  unit: string;
  past: string; // what the line of the past tells
  steps: Step[];
  help: string;
  asOf?: string;
  mark?: { key: string; label: string }; // a moment worth a line of its own
}

// Fan is a chart of what was and what is foreseen: a line that goes on as a widening fan.
export function Fan({ title, about, unit, past, steps, help, asOf, mark }: Props) {
  const { t, f } = useWords();
  const foreseen = steps.some((s) => s.mean != null);
  const wide = steps.some((s) => s.in95);
  const range = (r?: [number, number]) => (r ? `${f.pieces(r[0])} – ${f.pieces(r[1])}` : f.pieces(null));
  const draw = (width: number, height: number) => <Drawing steps={steps} unit={unit} plot={{ left: 52, right: Math.max(60, width - 12), top: 22, bottom: height - 26 }} mark={mark} />;
  return (
    <Chart
      title={title} about={about} help={help} asOf={asOf} height={(w) => (w < 500 ? 240 : 280)} draw={draw} rows={steps} id={(s) => s.key}
      legend={[
        ['key-line', past],
        ...(foreseen ? ([['key-mean', t('chart.foreseen')], ['key-80', t('chart.in-80')]] as [string, string][]) : []),
        ...(wide ? ([['key-95', t('chart.in-95')]] as [string, string][]) : []),
      ]}
      columns={[
        { key: 'label', head: t('chart.when'), cell: (s) => s.label, sort: (s) => s.key },
        { key: 'past', head: past, cell: (s) => f.pieces(s.past), sort: (s) => s.past, number: true },
        { key: 'mean', head: t('chart.foreseen'), cell: (s) => f.pieces(s.mean), sort: (s) => s.mean, number: true },
        { key: '80', head: t('chart.in-80'), cell: (s) => range(s.in80), number: true },
        ...(wide ? [{ key: '95', head: t('chart.in-95'), cell: (s: Step) => range(s.in95), number: true, phone: false as const }] : []),
      ]}
    />
  );
}

function Drawing({ steps, unit, plot, mark }: { steps: Step[]; unit: string; plot: Plot; mark?: { key: string; label: string } }) {
  const { f } = useWords();
  const y = vertical(steps.flatMap((s) => [s.past ?? 0, s.mean ?? 0, s.in80?.[1] ?? 0, s.in95?.[1] ?? 0]), plot);
  const x = spread(steps.length, plot);
  const numbered = steps.map((s, i) => ({ ...s, i }));
  const path = (of: (s: Step) => number | undefined) =>
    line<(typeof numbered)[number]>().defined((s) => of(s) != null).x((s) => x.at(s.i)).y((s) => y.at(of(s)!))(numbered) ?? '';
  const band = (of: (s: Step) => [number, number] | undefined) =>
    area<(typeof numbered)[number]>().defined((s) => of(s) != null).x((s) => x.at(s.i)).y0((s) => y.at(of(s)![0])).y1((s) => y.at(of(s)![1]))(numbered) ?? '';
  const marked = mark ? steps.findIndex((s) => s.key === mark.key) : -1;
  const right = marked >= 0 && x.at(marked) > (plot.left + plot.right) / 2;
  return (
    <>
      <path className="band95" d={band((s) => s.in95)} />
      <path className="band80" d={band((s) => s.in80)} />
      <Axes plot={plot} scale={y} ticks={steps.map((s) => s.tick)} at={x.at} />
      <path className="line foreseen" d={path((s) => s.mean)} />
      <path className="line" d={path((s) => s.past)} />
      {marked >= 0 && (
        <g className="mark">
          <line x1={x.at(marked)} x2={x.at(marked)} y1={plot.top - 6} y2={plot.bottom} />
          <text x={x.at(marked) + (right ? -5 : 5)} y={plot.top - 8} textAnchor={right ? 'end' : 'start'}>{mark!.label}</text>
        </g>
      )}
      {numbered.map((s) => (
        <rect key={s.key} className="over" x={x.at(s.i) - x.step / 2} width={x.step} y={plot.top} height={plot.bottom - plot.top}>
          <title>{`${s.label}: ${f.pieces(s.past ?? s.mean)} ${unit}${s.past == null && s.in80 ? ` (${f.pieces(s.in80[0])} – ${f.pieces(s.in80[1])})` : ''}`}</title>
        </rect>
      ))}
    </>
  );
}
