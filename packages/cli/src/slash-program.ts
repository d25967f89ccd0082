import type { Command } from 'commander';
import type { GlobalOptions, Run } from './command-context.ts';
import { showEvidence } from './commands/evidence.ts';
import { disputeSlash, listSlashes, reportDoubleSigning, showSlash, voteSlash } from './commands/slash.ts';
import { wholeNumber } from './option-values.ts';

interface SigningFlags extends GlobalOptions {
  wallet: string;
  yes: boolean;
}

/** `subnetes slash …`. */
export function addSlashes(program: Command, run: Run): void {
  const slash = program.command('slash').description('slashes of neurons: reports, disputes, decisions');
  slash
    .command('list')
    .description('slashes, the newest report first')
    .option('--netuid <n>', 'of one subnet', wholeNumber)
    .option('--hotkey <address>', 'of one hotkey')
    .option('--open', 'only those that are not decided', false)
    .action((options: GlobalOptions & { netuid?: number; hotkey?: string; open: boolean }) =>
      run(options, (context) =>
        listSlashes(context, { netuid: options.netuid, hotkey: options.hotkey ?? '', openOnly: options.open }),
      ),
    );
  slash
    .command('show')
    .description('one slash, who decides it and how they voted; without an id the terms of the network')
    .argument('[id]', 'its id or the beginning of it')
    .action((id: string | undefined, options: GlobalOptions) => run(options, (context) => showSlash(context, { id })));
  slash
    .command('evidence')
    .description('what scoring measured, checked here against the envelopes that validators signed')
    .argument('<id>', 'of the slash, or the beginning of it')
    .action((id: string, options: GlobalOptions) => run(options, (context) => showEvidence(context, { id })));
  signed(slash.command('report'))
    .description('reports that a hotkey signed two contents under one sequence; costs the deposit until it is decided')
    .requiredOption('--netuid <n>', 'subnet of the registration that signed', wholeNumber)
    .requiredOption('--first <file>', 'one signed envelope: its bytes, or base64 of them')
    .requiredOption('--second <file>', 'the other one')
    .action((options: SigningFlags & { netuid: number; first: string; second: string }) =>
      run(options, (context) => reportDoubleSigning(context, options)),
    );
  signed(slash.command('dispute'))
    .description('says, as the owner of the neuron, that it was not so')
    .argument('<id>', 'its id or the beginning of it')
    .option('--statement <text>', 'what everybody may read, at most 512 characters', '')
    .action((id: string, options: SigningFlags & { statement: string }) =>
      run(options, (context) => disputeSlash(context, { ...options, id })),
    );
  signed(slash.command('vote'))
    .description('decides a disputed slash, as an arbiter or a validator of the subnet; a vote is final')
    .argument('<id>', 'its id or the beginning of it')
    .argument('<word>', 'uphold or drop')
    .action((id: string, word: string, options: SigningFlags) =>
      run(options, (context) => voteSlash(context, { ...options, id, word })),
    );
}

function signed(command: Command): Command {
  return command.requiredOption('--wallet <name>', 'whose word it is').option('--yes', 'does not ask', false);
}
