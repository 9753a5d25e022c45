/** `--confirm=manual`: what breaks while a person is asked. */
import { makeFolder } from '../support/lab-runs.js';
import { MANUAL_CASES } from './support/manual-cases.js';
import { faultSuite } from './support/suite.js';

faultSuite('manual', makeFolder(), MANUAL_CASES, ['much']);
