export { labDown } from './down.js';
export { type Lab, openLab } from './lab.js';
export type { CommandOptions, CommandResult } from './run.js';
export type { HostSpec, LabSpec, NicSpec, RouteSpec } from './spec.js';
export { labUp, type StartedLab, type UpOptions } from './up.js';
