/** The price of this home's machine, for every gate that names none. */
import { Price } from '../protocol/price.js';
import { readJsonIfKnown, writeJson } from './files.js';
import { priceFile } from './home.js';

/** Null: nobody has set it. */
export const homePrice = (home: string): Price | null => readJsonIfKnown(priceFile(home), Price);

export function setHomePrice(home: string, asked: Pick<Price, 'price_per_hour' | 'currency'>): Price {
  const price = { ...asked, set_on: new Date().toISOString().slice(0, 10) };
  writeJson(priceFile(home), price);
  return price;
}
