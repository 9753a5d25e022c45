/** Where something stands in a file that a user wrote. Lines and columns begin at 1. */
export interface Place {
  file: string;
  line: number;
  column: number;
  /** How many characters to underline; 1 where nothing better is known. */
  length?: number;
  /** The text of that line, without its end. */
  source?: string;
}

/** `file:line:column`, the form that editors and terminals turn into a link. */
export function formatPlace(place: Place): string {
  return `${place.file}:${place.line}:${place.column}`;
}
