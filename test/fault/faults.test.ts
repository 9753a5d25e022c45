/** Every named fault: the host ends whole in its state from before or after, and nothing is left of the run. */
import { makeFolder } from '../support/lab-runs.js';
import { allCases } from './support/cases.js';
import { faultSuite } from './support/suite.js';

const folder = makeFolder();
faultSuite('faults', folder, allCases(folder), ['much', 'little', 'otherMac']);
