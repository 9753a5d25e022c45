import type { BootPart } from '../boot.js';

const FOLDER = '/etc/sysconfig/network-scripts';

/** Red Hat's network-scripts: ifcfg-*, route-*, rule-*. */
export const networkScriptsPart: BootPart = {
  facts: `if [ -e ${FOLDER}/ifup-eth ]; then echo 'tool network-scripts'; fi`,
  files: [
    `${FOLDER}/ifcfg-*`,
    `${FOLDER}/route-*`,
    `${FOLDER}/route6-*`,
    `${FOLDER}/rule-*`,
    `${FOLDER}/rule6-*`,
  ],
};
