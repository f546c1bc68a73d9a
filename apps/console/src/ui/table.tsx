/** Tables: real ones; where there is little room each row becomes a card with its labels. */
import { createColumnHelper, tableFeatures, useTable } from "@tanstack/react-table";
import { type ReactNode, useMemo } from "react";
import { joinClassNames } from "./join-class-names.ts";
import styles from "./table.module.css";

/** Column is one of them: what stands at its top, and what in a row's cell. */
export interface Column<T> {
  readonly id: string;
  /** Empty for a column of buttons. */
  readonly title: string;
  readonly cell: (row: T) => ReactNode;
  readonly isNumber?: boolean;
  /** What people wrote, however long: it breaks where the other columns need the room. */
  readonly isName?: boolean;
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
    return columns.map(({ id, title }) => helper.display({ id, header: title }));
  }, [columns]);
  const data = useMemo(() => [...rows], [rows]);
  const table = useTable({ features, columns: definitions, data, getRowId: rowId });
  const byId = new Map(columns.map((column) => [column.id, column]));
  return (
    <div className={styles.frame}>
      <table className={styles.table}>
        <caption className={styles.caption}>{caption}</caption>
        <TableHead columns={columns} />
        <tbody>
          {table.getRowModel().rows.map((row) => (
            <tr key={row.id}>
              {row.getAllCells().map((cell) => (
                // Called, not rendered as a component: other columns would draw each button anew, without its focus.
                <TableCell key={cell.id} of={byId.get(cell.column.id)}>
                  {byId.get(cell.column.id)?.cell(row.original)}
                </TableCell>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Titled is a column whatever its rows are. */
type Titled = Pick<Column<never>, "id" | "title" | "isNumber" | "isName">;

function TableHead({ columns }: { readonly columns: readonly Titled[] }) {
  return (
    <thead>
      <tr>
        {columns.map(({ id, title, isNumber }) => (
          <th key={id} scope="col" className={isNumber ? styles.number : undefined}>
            {title === "" ? <span className={styles.caption}>Actions</span> : title}
          </th>
        ))}
      </tr>
    </thead>
  );
}

function TableCell({ of, children }: { readonly of: Titled | undefined; readonly children: ReactNode }) {
  return (
    <td className={joinClassNames(of?.isNumber && styles.number, of?.isName && styles.name)} data-label={of?.title}>
      <div>{children}</div>
    </td>
  );
}
