/** What there is documentation of; as in ansible-doc, what a task names is a module. */
export const DOC_TYPES = ['module', 'resource', 'action', 'probe'] as const;
export type DocType = (typeof DOC_TYPES)[number];

export interface DocFlags {
  list?: boolean;
  snippet?: boolean;
  type?: DocType;
}
