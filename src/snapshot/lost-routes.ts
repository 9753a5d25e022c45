import { routeText } from './identity.js';
import type { Route, Snapshot } from './model.js';

/** Routes of `before` that `after` lacks or has otherwise, in their order; for undo and for warnings. */
export function lostRoutes(before: Snapshot, after: Snapshot): Route[] {
  if (before.routes === after.routes) return [];
  // Most are the very same object in both: only of the others must be told whether they are alike.
  const [old, now] = [new Set(before.routes), new Set(after.routes)];
  const left = new Map<string, number>();
  for (const route of after.routes) {
    if (old.has(route)) continue;
    const text = routeText(route);
    left.set(text, (left.get(text) ?? 0) + 1);
  }
  return before.routes.filter((route) => {
    if (now.has(route)) return false;
    const text = routeText(route);
    const count = left.get(text) ?? 0;
    left.set(text, count - 1);
    return count <= 0;
  });
}
