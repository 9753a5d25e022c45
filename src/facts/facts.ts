export function factsScript(_subset: readonly string[], _o?: unknown): string {
  return '';
}
export function parseFacts(_out: string): Record<string, unknown> {
  return {};
}
export function factVars(f: Record<string, unknown>): Record<string, unknown> {
  return { ansible_facts: f, ...Object.fromEntries(Object.entries(f).map(([k, v]) => [`ansible_${k}`, v])) };
}
export function isFactName(name: string): boolean {
  return name === 'ansible_facts';
}
