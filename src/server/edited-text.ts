/** What pages share on which a YAML text is edited. */
import { z } from 'zod';
import { listRecipes } from '../flow/author/edit-recipe.js';
import { AppError } from '../protocol/errors.js';

/** A recipe or a gate is some kilobytes. Forms send line ends as CRLF. */
export const EditedText = z
  .string()
  .max(200_000)
  .transform((text) => text.replace(/\r\n/g, '\n'));

/** Only recipes of the list: a form may not name any file of this machine. @throws AppError file-not-found */
export function knownRecipe(home: string, asked: string): string {
  const known = listRecipes(home).find((recipe) => recipe === asked);
  if (!known) throw new AppError('file-not-found', { file: asked, folder: 'recipes' });
  return known;
}
