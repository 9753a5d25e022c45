/** What commands that reach hosts are given: the flags of the line, and settings where it leaves them open. */
import type { PersistMode } from '../persist/mode.js';
import type { VaultFlags } from './vault-options.js';

export interface RunFlags extends VaultFlags {
  inventory: string[];
  check?: boolean;
  diff?: boolean;
  explain?: boolean;
  limit?: string;
  allowEmpty?: boolean;
  forks: number;
  extraVars: string[];
  exitCode?: boolean;
  protectSession?: boolean;
  json?: boolean;
  /** How many `v` there are in `-vvv`. */
  verbose?: number;
  user?: string;
  askPass?: boolean;
  become?: boolean;
  becomeUser?: string;
  askBecomePass?: boolean;
  privateKey?: string;
  connection?: string;
  timeout?: number;
  /** Seconds. */
  taskTimeout?: number;
  /** Seconds. */
  confirmTimeout?: number;
  /** `manual`; false for --no-confirm. */
  confirm?: boolean | string;
  resume?: string;
  lockTimeout?: number;
  persist?: PersistMode;
  /** Where `inventory` comes from, if not from the command line: `netplay.yml:1:1`, `NETPLAY_INVENTORY`. */
  inventoryFrom?: string;
  connectionPasswordFile?: string;
  becomeMethod?: string;
  becomePasswordFile?: string;
  becomeExe?: string;
  becomeFlags?: string;
  sshCommonArgs?: string;
  sshExtraArgs?: string;
  sshRetries?: number;
  /** `true`, `false` or `accept-new`. */
  hostKeyChecking?: string;
  tags?: string[];
  skipTags?: string[];
  startAtTask?: string;
  rolesPath?: string[];
  flushCache?: boolean;
  gathering?: string;
  factCachingConnection?: string;
  factCachingTimeout?: number;
  step?: boolean;
  forceHandlers?: boolean;
  listHosts?: boolean;
  listTasks?: boolean;
  listTags?: boolean;
  syntaxCheck?: boolean;
  timing?: boolean;
  /** A folder. */
  junit?: string;
  logPath?: string;
  retryFilesEnabled?: boolean;
  /** A folder. */
  retryFilesSavePath?: string;
  displaySkippedHosts?: boolean;
  displayOkHosts?: boolean;
  /** `json` or `yaml`. */
  callbackResultFormat?: string;
}
