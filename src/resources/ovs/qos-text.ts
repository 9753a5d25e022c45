/** A QoS and its queues in words. */
import { formatRate } from '../../shared/rate.js';
import type { OvsColumns, OvsQos } from '../../snapshot/ovs.js';
import { differ, mapOf } from './columns.js';

const RATES = ['min-rate', 'max-rate', 'burst'];

/** @param other where it is given, only the queues that differ from its are shown */
export function showQos({ columns, queues }: OvsQos, other?: OvsQos): string {
  const shown = Object.entries(queues).filter(([id, queue]) => {
    const there = other?.queues[id];
    return there === undefined || differ(queue.columns, there.columns);
  });
  return [
    String(columns.type),
    showSettings(columns),
    ...shown.map(([id, queue]) => showQueue(`queue ${id}`, queue.columns)),
  ]
    .filter((words) => words !== '')
    .join(', ');
}

export function showQueue(name: string, columns: OvsColumns): string {
  return [name, showSettings(columns)].filter((words) => words !== '').join(' ');
}

function showSettings({ other_config, dscp }: OvsColumns): string {
  const settings = Object.entries(mapOf(other_config)).map(
    ([key, value]) => `${key} ${RATES.includes(key) ? formatRate(Number(value)) : value}`,
  );
  return [...settings.sort(), ...(typeof dscp === 'number' ? [`dscp ${dscp}`] : [])].join(' ');
}
