/** Every generated file's text, by its path in the repository. */
export function generatedFiles(): Record<string, string>;
