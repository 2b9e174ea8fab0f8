export function recordErrorsOf(AppError: new (...parameters: never[]) => Error): void;
