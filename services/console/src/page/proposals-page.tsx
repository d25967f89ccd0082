import type { NetworkView } from '../domain/views.ts';
import type { ProposalView } from '../domain/proposals-view.ts';
import { useProposals } from './market-api.ts';
import { countText, percentText, tokensText } from './number-text.ts';

const GOOD: ReadonlySet<string> = new Set(['Voting', 'Queued', 'Executed']);

/** What the network votes on, and what became of it. */
export function ProposalsPage({ network }: { network: NetworkView }) {
  const { value, error } = useProposals(String(network.block));
  return (
    <section aria-labelledby="proposals-title">
      <h1 id="proposals-title">Proposals</h1>
      {error !== undefined && (
        <p className="notice" role="alert">
          {error}
        </p>
      )}
      {value === undefined && error === undefined && <p className="quiet">Reading the ledger…</p>}
      {value?.governed === false && (
        <p className="quiet">This network began without governance: nothing of it changes by proposals.</p>
      )}
      {value?.governed === true && (
        <>
          <p>
            Treasury: {tokensText(value.treasury?.rao ?? '0', 3)} {network.symbol}
          </p>
          {value.proposals.length === 0 ? (
            <p className="quiet">
              Nothing was proposed yet. Propose something: <code>npx subnetes proposal create --help</code>
            </p>
          ) : (
            <Table proposals={value.proposals} block={network.block} />
          )}
        </>
      )}
    </section>
  );
}

function Table({ proposals, block }: { proposals: readonly ProposalView[]; block: number }) {
  return (
    <div className="scroll" tabIndex={0} role="region" aria-labelledby="proposals-title">
      <table>
        <caption>
          The newest {proposals.length} at block {countText(block)}, shares of all stake of the block at which each
          began
        </caption>
        <thead>
          <tr>
            <th scope="col" className="number">
              No.
            </th>
            <th scope="col">Title</th>
            <th scope="col">State</th>
            <th scope="col">Changes</th>
            <th scope="col" className="number">
              Yes
            </th>
            <th scope="col" className="number">
              No
            </th>
            <th scope="col" className="number">
              Abstain
            </th>
            <th scope="col">Needs</th>
            <th scope="col">When</th>
          </tr>
        </thead>
        <tbody>
          {proposals.map((proposal) => (
            <Row key={proposal.id} proposal={proposal} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ proposal }: { proposal: ProposalView }) {
  return (
    <tr>
      <td className="number">{proposal.id}</td>
      <th scope="row" title={proposal.description === '' ? proposal.proposer : proposal.description}>
        {proposal.title}
        {proposal.simulation !== '' && <div className="quiet">{proposal.simulation}</div>}
        {proposal.reason !== '' && <div className="quiet">{proposal.reason}</div>}
      </th>
      <td>
        <span className={`chip ${GOOD.has(proposal.state) ? 'good' : 'idle'}`}>{proposal.state}</span>
      </td>
      <td>
        {proposal.action}
        {proposal.changes.map((change) => (
          <div className="quiet" key={change}>
            {change}
          </div>
        ))}
      </td>
      <td className="number">{percentText(proposal.yes)}</td>
      <td className="number">{percentText(proposal.no)}</td>
      <td className="number">{percentText(proposal.abstain)}</td>
      <td>
        {percentText(proposal.quorum)} voting, Yes above {percentText(proposal.threshold)}
      </td>
      <td>{proposal.when}</td>
    </tr>
  );
}
