/** price.json: what an hour of this machine costs. */
import { z } from 'zod';

export const Price = z.strictObject({
  price_per_hour: z.number().positive().max(100_000),
  currency: z.string().regex(/^[A-Z]{3}$/, 'must be three capital letters, such as EUR'),
  set_on: z.iso.date(),
});
export type Price = z.infer<typeof Price>;

/** As a gate has it that names none of its own. */
export function gatePrice(price: Price | null): { price_per_hour?: number; currency?: string; price_set_on?: string } {
  return price === null ? {} : { price_per_hour: price.price_per_hour, currency: price.currency, price_set_on: price.set_on };
}
