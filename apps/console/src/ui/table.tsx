/** Tables: real ones; on a narrow screen each row becomes a card with its labels. */
import { createColumnHelper, tableFeatures, useTable } from "@tanstack/react-table";
import { type ReactNode, useMemo } from "react";
import { classes } from "./classes.ts";
import styles from "./table.module.css";

/** Column is one of them: what stands at its top, and what in a row's cell. */
export interface Column<T> {
  readonly id: string;
  /** Empty for a column of buttons. */
  readonly title: string;
  readonly cell: (row: T) => ReactNode;
  readonly isNumber?: boolean;
}

interface TableProps<T> {
  /** What the table shows, read out before it. */
  readonly caption: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly rowId: (row: T) => string;
}

const features = tableFeatures({});

export function Table<T extends object>({ caption, columns, rows, rowId }: TableProps<T>) {
  const definitions = useMemo(() => {
    const helper = createColumnHelper<typeof features, T>();
    return columns.map(({ id, title, cell }) =>
      helper.display({ id, header: title, cell: (context) => cell(context.row.original) }),
    );
  }, [columns]);
  const data = useMemo(() => [...rows], [rows]);
  const table = useTable({ features, columns: definitions, data, getRowId: rowId });
  const looks = (id: string) => (columns.find((column) => column.id === id)?.isNumber ? styles.number : undefined);
  return (
    <div className={styles.frame}>
      <table className={styles.table}>
        <caption className={styles.caption}>{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ id, title }) => (
              <th key={id} scope="col" className={looks(id)}>
                {title === "" ? <span className={styles.caption}>Actions</span> : title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.getRowModel().rows.map((row) => (
            <tr key={row.id}>
              {row.getAllCells().map((cell) => (
                <td
                  key={cell.id}
                  className={classes(looks(cell.column.id))}
                  data-label={columns.find(({ id }) => id === cell.column.id)?.title}
                >
                  <div>
                    <table.FlexRender cell={cell} />
                  </div>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
