/**
 * The part of the probe's script that reads Open vSwitch: one ovs-vsctl for all of its tables, one question to
 * ovs-vswitchd, without which a change would wait for ever, and ovs-ofctl for the bridges whose flows are asked for.
 */
import { quote } from '../shared/shell.js';
import { numbered } from './ovs-flow-text.js';

/** Seconds. A host that is busy may take some; one whose daemon hangs must not take the run along. */
const TIMEOUT = 10;

/** The documents that ovs-vsctl prints, in this order. */
export const OVS_TABLES = ['Bridge', 'Port', 'Interface', 'QoS', 'Queue', 'Controller'] as const;

const LISTS = OVS_TABLES.map((table) => `list ${table}`);

/** A flow that a task asks for: its text for ovs-ofctl, which may name ports. */
export interface WantedFlow {
  bridge: string;
  /** Null only to read what the bridge has. */
  text: string | null;
}

/**
 * Sections `ovs` (a JSON document a line: the tables in the order above), `ovs-vswitchd`, `ovs-police` (`yes` or
 * `no`), `ovs-flows:N` (of the Nth bridge of `bridgesOf`) and `ovs-flow:N`; or `ovs-missing` where there is no ovs-vsctl.
 * act_police may be a module that is loaded on demand, or built in: the kernel's own configuration tells that at once,
 * its symbols, where there is none, after reading 120 000 lines (a tenth of a second).
 */
export function ovsScript(flows: readonly WantedFlow[]): string {
  const bridges = bridgesOf(flows);
  const lines = bridges.map((bridge, index) =>
    [`O=`, `ovs_version ${quote(bridge)}`, `section ovs-flows:${index} ovs_ofctl dump-flows ${quote(bridge)}`]
      .concat(flows.flatMap((flow, at) => (flow.bridge === bridge ? spelling(flow, at) : [])))
      .map((line) => `  ${line}`)
      .join('\n'),
  );
  if (flows.some(({ bridge }) => bridge === EVERY_BRIDGE)) lines.push(ALL_FLOWS);
  return `ovs_ofctl() { ovs-ofctl $O --timeout=${TIMEOUT} "$@"; }
ovs_version() { if ! ovs_ofctl dump-flows "$1" >/dev/null 2>&1; then O='-O OpenFlow13'; fi; }
ovs_police() {
  if [ -d /sys/module/act_police ] || modprobe -n -q act_police 2>/dev/null; then echo yes
  elif zcat /proc/config.gz 2>/dev/null | grep '^CONFIG_NET_ACT_POLICE=y' >/dev/null; then echo yes
  elif [ ! -r /proc/config.gz ] && grep -qs ' tcf_police_init' /proc/kallsyms; then echo yes
  else echo no; fi
}
if command -v ovs-vsctl >/dev/null 2>&1; then
  section ovs ovs-vsctl --timeout=${TIMEOUT} --format=json -- ${LISTS.join(' -- ')}
  section ovs-vswitchd ovs-appctl --timeout=${TIMEOUT} -t ovs-vswitchd version
  section ovs-police ovs_police
${lines.join('\n')}
else
  printf '\\n%s ovs-missing\\n' "$T"
fi`;
}

/** Stands for all bridges that there are. */
export const EVERY_BRIDGE = '*';

/** Each bridge that the flows name once. */
export function bridgesOf(flows: readonly WantedFlow[]): string[] {
  return [...new Set(flows.map(({ bridge }) => bridge))].filter((bridge) => bridge !== EVERY_BRIDGE);
}

/** Section `ovs-flows-of NAME` for each bridge. */
const ALL_FLOWS = `  for b in $(ovs-vsctl --timeout=${TIMEOUT} list-br); do
    O=
    ovs_version "$b"
    section "ovs-flows-of $b" ovs_ofctl dump-flows "$b"
  done`;

function spelling({ text }: WantedFlow, index: number): string[] {
  return text === null
    ? []
    : [`section ovs-flow:${index} ovs_ofctl parse-flow ${quote(numbered(text).text)}`];
}
