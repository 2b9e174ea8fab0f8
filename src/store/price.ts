/** The price of this home's machine, for every gate that names none. */
import { existsSync } from 'node:fs';
import { Price } from '../protocol/price.js';
import { readJson, writeJson } from './files.js';
import { priceFile } from './home.js';

/** Null: nobody has set it. @throws AppError file-unreadable: a damaged file is not a price that nobody has set */
export function homePrice(home: string): Price | null {
  const file = priceFile(home);
  return existsSync(file) ? readJson(file, Price) : null;
}

export function setHomePrice(home: string, asked: Pick<Price, 'price_per_hour' | 'currency'>): Price {
  const price = { ...asked, set_on: new Date().toISOString().slice(0, 10) };
  writeJson(priceFile(home), price);
  return price;
}
