/** What is said of a file of rows on the command line, with its help. */

export const ROW_OPTIONS: [string, string][] = [
  ['--prompt <column>', 'column of what is asked, a path (answers.text.0) or a template ("{title}\\n\\n{body}")'],
  ['--completion <column>', 'column of the answer, in the same way'],
  ['--system <column>', 'column of the system prompt, or a sentence that is the system prompt of all rows'],
  ['--messages <column>', 'column that holds whole conversations, in place of prompt and completion'],
  ['--encoding <name>', 'of a text file: utf-8, latin1 or utf-16 (default: UTF-16 where it looks like it, else UTF-8)'],
  ['--delimiter <character>', 'between the cells of a CSV file; tab for a tab (default: found by looking)'],
];
