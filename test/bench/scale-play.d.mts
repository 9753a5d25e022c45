export function scalePlay(routes: number, rules: number): string;
