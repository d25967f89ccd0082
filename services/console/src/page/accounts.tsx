import type { AccountRow, AccountTable, AccountView } from '../domain/views.ts';
import { hashOf } from './route.ts';

/** A neuron's account, mechanism by mechanism. */
export function Accounts({ accounts, netuid }: { accounts: readonly AccountView[]; netuid: number }) {
  if (accounts.length === 0) return <p className="quiet">Scoring tells no account of this epoch.</p>;
  return accounts.map((account) => (
    <Account
      key={account.mechanismId}
      account={account}
      netuid={netuid}
      heading={accounts.length === 1 ? '' : `Mechanism ${account.mechanismId}: `}
    />
  ));
}

function Account({ account, netuid, heading }: { account: AccountView; netuid: number; heading: string }) {
  const [first, ...others] = account.tables;
  const id = `account-${account.mechanismId}`;
  return (
    <>
      {first !== undefined && (
        <Table table={first} netuid={netuid} id={id} heading={heading}>
          <Sentences lines={account.facts} />
        </Table>
      )}
      {first === undefined && <Sentences lines={account.facts} />}
      {account.changes.length > 0 && (
        <section className="card" aria-labelledby={`${id}-changes`}>
          <h2 id={`${id}-changes`}>{heading}What would make it more</h2>
          <Sentences lines={account.changes} />
        </section>
      )}
      {others.map((table, at) => (
        <Table key={table.title} table={table} netuid={netuid} id={`${id}-${at}`} heading={heading} />
      ))}
    </>
  );
}

function Sentences({ lines }: { lines: readonly string[] }) {
  return (
    <ul className="sentences">
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}

function Table({
  table,
  netuid,
  id,
  heading,
  children,
}: {
  table: AccountTable;
  netuid: number;
  id: string;
  heading: string;
  children?: React.ReactNode;
}) {
  return (
    <section className="card" aria-labelledby={id}>
      <h2 id={id}>
        {heading}
        {table.title}
      </h2>
      <div className="scroll" tabIndex={0} role="region" aria-labelledby={id}>
        <table className="account">
          <caption>{table.caption}</caption>
          <thead>
            <tr>
              <th scope="col">{table.head}</th>
              {table.columns.map((column) => (
                <th key={column} scope="col" className="number">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {table.rows.map((row) => (
              <Row key={`${row.name}/${row.uid}`} row={row} netuid={netuid} columns={table.columns} />
            ))}
          </tbody>
          {table.sums.length > 0 && (
            <tfoot>
              {table.sums.map((row) => (
                <Row key={row.name} row={row} netuid={netuid} columns={table.columns} />
              ))}
            </tfoot>
          )}
        </table>
      </div>
      {children}
    </section>
  );
}

function Row({ row, netuid, columns }: { row: AccountRow; netuid: number; columns: readonly string[] }) {
  return (
    <tr>
      <th scope="row">
        {row.uid === null ? (
          row.name
        ) : (
          <>
            <a href={hashOf({ page: 'neuron', netuid, uid: row.uid })}>{row.name}</a>{' '}
            <span className="quiet">uid {row.uid}</span>
          </>
        )}
      </th>
      {columns.map((column, at) => (
        <td key={column} className="number">
          {row.cells[at]}
        </td>
      ))}
    </tr>
  );
}
