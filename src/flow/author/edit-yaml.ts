/** One value of a YAML text, read and written as a person would; comments stay. */
import { isDeepStrictEqual } from 'node:util';
import { type Document, isCollection, isMap, isNode, isScalar, type Node, parse, parseDocument, type Scalar, stringify, visit } from 'yaml';

/** As the text writes it; empty: it does not. */
export function writtenValue(document: Document, path: string): string {
  const node = document.getIn(path.split('.'), true);
  if (node === undefined || node === null) return '';
  if (isScalar(node)) return String(node.source ?? node.value);
  const flow = { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0 } as const;
  try {
    return isCollection(node) ? stringify(node.toJS(document), flow).trim() : String(node);
  } catch {
    // Aliases of aliases stand for more than memory holds.
    return String(node);
  }
}

/**
 * The text with a value as it was typed, or without it where nothing was. A text that is no map of values stays as it is.
 * @param isText `[a-z]` is a text and no list
 */
export function withValue(text: string, path: string, typed: string, isText = false): string {
  const document = parseDocument(text);
  if (document.errors.length > 0 || (document.contents !== null && !isMap(document.contents))) return text;
  const keys = path.split('.');
  if (typed.trim() === '' && !document.hasIn(keys)) return text;
  const [group] = keys;
  const before = document.getIn(keys, true);
  // What stands where a group of values should be is replaced by the group.
  if (keys.length > 1 && document.has(group) && !isMap(document.get(group, true))) document.delete(group);
  if (typed.trim() !== '') document.setIn(keys, isText ? typed : typedNode(typed, before));
  else document.deleteIn(keys);
  const parent = document.get(group, true);
  if (keys.length > 1 && isCollection(parent) && parent.items.length === 0) document.delete(group);
  const spliced = isScalar(before) && typed.trim() !== '' ? splicedText(text, before, isText ? stringify(typed) : typed) : null;
  const whole = wholeText(document);
  if (whole === null) return text;
  return spliced !== null && isSameYaml(spliced, whole) ? spliced : whole;
}

/** Null where a value was replaced that `*name` elsewhere stands for. */
function wholeText(document: Document): string | null {
  try {
    return document.toString({ lineWidth: 0 });
  } catch {
    return null;
  }
}

/** With nothing but the value changed: written as a whole, other lines would be written anew too. */
function splicedText(text: string, { range }: Scalar, typed: string): string | null {
  return range ? text.slice(0, range[0]) + typed.trim() + text.slice(range[1]) : null;
}

/** What is typed may hold a comma or a `#`, which inside a line mean something else. */
function isSameYaml(one: string, other: string): boolean {
  try {
    return isDeepStrictEqual(parse(one), parse(other));
  } catch {
    // No YAML, `*name` of a value that is not there, or aliases of aliases.
    return false;
  }
}

/** Written as it was typed, with the comment of the value before; what is no YAML is text, so that the check names what is wrong with it. */
function typedNode(typed: string, before: unknown): Node | string {
  const document = parseDocument(typed);
  const { contents, errors } = document;
  if (errors.length > 0 || contents === null || hasAliases(document)) return typed;
  if (isNode(before)) contents.comment = before.comment;
  return contents;
}

/** `*name` of a value that is not there cannot be written. */
function hasAliases(document: Document.Parsed): boolean {
  let found = false;
  visit(document, {
    Alias: () => {
      found = true;
      return visit.BREAK;
    },
  });
  return found;
}
