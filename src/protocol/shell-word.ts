/** One word of a command line that a person may copy. */

/** As it is where a shell takes it as it is, else in single quotes (POSIX, Shell Command Language, 2.2.2). */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
