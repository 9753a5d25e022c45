/** What users read about probes, from what these say of themselves: docs/probes.md and `netplay doc`. */
import { exampleTasks } from '../resources/examples.js';
import { entry, indented } from '../resources/manual.js';
import { parametersOf, sentence } from '../resources/parameters.js';
import { table, yaml } from '../resources/reference.js';
import type { ProbeKind } from './probe.js';

type Documented = ProbeKind<never>;

const INTRODUCTION = `# Probes

<!-- Written by \`npm run docs\` from the schemas in src/probes/. Changes belong there. -->

A probe asks a host's network something that has a yes or a no, and changes nothing. It runs on the host, with \`sh\` and
the tools that are there. Probes stand in the lists \`probes:\` and \`verify:\` of a play: see [playbooks.md](playbooks.md).
\`netplay probe\` asks one without a playbook: see [running.md](running.md#asking-without-a-playbook).
\`netplay doc NAME\` shows the same in a terminal.

Each says what it saw, whether it passes or not: \`expected dev eth2, seen dev eth0 via 192.168.1.254 table main\`. A ping alone
proves little: with two NICs in one subnet it is answered whatever is wrong. Which NIC carries it is told by
\`route_get\`, \`arp_owner\` and \`symmetric\`.

A probe that names another host of the inventory (\`throughput\`, \`symmetric\` with \`client\`, \`arp_owner\` with \`owner\`) has a
part there too, over netplay's own connection to that host. Such probes are asked in \`verify:\` alone, after the others
and one at a time over all hosts of the play, so that none disturbs another.`;

/** The whole page, as Markdown. */
export function renderProbes(kinds: readonly Documented[]): string {
  const list = kinds.map(({ name, summary }) => `- [${name}](#${name}): ${sentence(summary)}`);
  return `${[INTRODUCTION, list.join('\n'), ...kinds.map(section)].join('\n\n')}\n`;
}

function section(kind: Documented): string {
  const lines = exampleTasks(kind).map((line) => `    ${line}`);
  return [
    `## ${kind.name}`,
    sentence(kind.summary),
    yaml(['- hosts: all', '  verify:', ...lines]),
    table(parametersOf(kind)),
  ].join('\n\n');
}

/** All that there is to know of one probe, as plain text. */
export function renderProbeManual(kind: Documented): string {
  return [
    `${kind.name}: ${sentence(kind.summary)} A probe, for probes: and verify: of a play.`,
    indented(exampleTasks(kind)),
    'Parameters:',
    parametersOf(kind).map(entry).join('\n'),
  ].join('\n\n');
}
