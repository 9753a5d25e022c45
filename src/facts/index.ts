/** What the rest of the program needs of facts. */
export { type FactCache, openFactCache, writeTree } from './cache.js';
export { factVars, isFactName, namedFacts } from './names.js';
export { type Facts, parseFacts } from './parse.js';
export { FACT_PATH, type FactsRequest, factsScript, GATHER_TIMEOUT } from './script.js';
export { collectorsFor, filterFacts } from './subsets.js';
