import { Table, Text, UnstyledButton } from '@mantine/core';
import { memo, useLayoutEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { useWords } from '../words';

export interface Column<T> {
  key: string;
  head: ReactNode;
  cell: (row: T) => ReactNode;
  sort?: (row: T) => number | string | null | undefined; // what it is sorted by; not sortable without
  number?: boolean;
  phone?: false; // left out where the screen is narrow
  lead?: true; // names the row; the first column where none does
}

interface Props<T> {
  caption: string;
  columns: Column<T>[];
  rows: T[];
  id: (row: T) => string | number;
  first?: { key: string; down?: boolean };
  empty?: string;
  tall?: boolean; // scrolls inside itself under a head that stays
}

// order sorts rows by what a column gives; what is not known comes last both ways. Equal rows keep their order.
export function order<T>(rows: T[], by: (row: T) => number | string | null | undefined, down: boolean): T[] {
  const collator = new Intl.Collator('id');
  return [...rows].sort((a, b) => {
    const [x, y] = [by(a), by(b)];
    if (x == null || y == null) return Number(x == null) - Number(y == null);
    const c = typeof x === 'number' && typeof y === 'number' ? x - y : collator.compare(String(x), String(y));
    return down ? -c : c;
  });
}

// A table of more rows than this is long.
const many = 100;

// useKeptWidths lets a long table be sorted and scrolled without laying out what nobody sees. The browser skips rows out
// of sight only where they are boxes of their own, not parts of a table; so the widths that the table gave its columns are
// kept, and its rows become boxes of those widths. New rows, columns or room make the table find its widths anew.
function useKeptWidths(long: boolean, rows: unknown, columns: unknown) {
  const table = useRef<HTMLTableElement>(null);
  useLayoutEffect(() => {
    const it = table.current;
    if (!it || !long) return;
    let room = -1;
    const keep = () => {
      const now = it.parentElement!.clientWidth;
      if (now === room) return;
      room = now;
      it.removeAttribute('data-kept');
      const widths = [...it.tHead!.rows[0]!.cells].map((c) => c.getBoundingClientRect().width).filter((w) => w > 0); // the others are for wide screens
      it.style.setProperty('--columns', widths.map((w) => `${w}px`).join(' '));
      it.setAttribute('data-kept', '');
    };
    keep();
    const watch = new ResizeObserver(keep);
    watch.observe(it.parentElement!);
    return () => {
      watch.disconnect();
      it.removeAttribute('data-kept');
    };
  }, [long, rows, columns]);
  return table;
}

// Row is drawn anew when it or the columns change; it stays the same element, so that a button in it keeps the focus.
const Row = memo(function Row<T>({ row, columns }: { row: T; columns: Column<T>[] }) {
  return (
    <Table.Tr role="row">
      {columns.map((c, i) =>
        c.lead || (i === 0 && !columns.some((o) => o.lead)) ? (
          <Table.Th key={c.key} scope="row" role="rowheader" className={cell(c)}>{c.cell(row)}</Table.Th>
        ) : (
          <Table.Td key={c.key} role="cell" className={cell(c)}>{c.cell(row)}</Table.Td>
        ),
      )}
    </Table.Tr>
  );
}) as <T>(props: { row: T; columns: Column<T>[] }) => ReactNode;

// Sortable is a table whose heads sort it. All rows stand in the page, so that the browser's own search and print find
// them; a row is drawn once and moved when the order changes.
export function Sortable<T>({ caption, columns, rows, id, first, empty, tall }: Props<T>) {
  const { t } = useWords();
  const [by, setBy] = useState(first ?? { key: '' });
  const sorted = useMemo(() => {
    const sort = columns.find((c) => c.key === by.key)?.sort;
    return sort ? order(rows, sort, !!by.down) : rows;
  }, [rows, columns, by]);
  const table = useKeptWidths(rows.length > many, rows, columns);
  if (rows.length === 0) return <Text p="md">{empty ?? t('app.nothing')}</Text>;
  return (
    <div className={'sheet' + (tall ? ' tall' : '')} tabIndex={0} role="group" aria-label={caption}>
      <Table ref={table} role="table" highlightOnHover stickyHeader={tall} verticalSpacing="xs" captionSide="top">
        <Table.Caption className="caption">{caption}</Table.Caption>
        <Table.Thead role="rowgroup">
          <Table.Tr role="row">
            {columns.map((c) => {
              const sortedBy = by.key === c.key;
              return (
                <Table.Th key={c.key} scope="col" role="columnheader" className={cell(c)} aria-sort={sortedBy ? (by.down ? 'descending' : 'ascending') : undefined}>
                  {c.sort ? (
                    <UnstyledButton className="sort" onClick={() => setBy({ key: c.key, down: sortedBy ? !by.down : false })}>
                      {c.head} <span aria-hidden>{sortedBy ? (by.down ? '▼' : '▲') : '↕'}</span>
                    </UnstyledButton>
                  ) : (
                    c.head
                  )}
                </Table.Th>
              );
            })}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody role="rowgroup">
          {sorted.map((row) => (
            <Row key={id(row)} row={row} columns={columns} />
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

const cell = <T,>(c: Column<T>) => [c.number ? 'number' : '', c.phone === false ? 'wide-only' : ''].join(' ').trim() || undefined;
