/** slipway price [AMOUNT] */
import { AppError } from '../../protocol/errors.js';
import { Price } from '../../protocol/price.js';
import { slipwayHome } from '../../store/home.js';
import { homePrice, setHomePrice } from '../../store/price.js';
import { printJson } from '../options.js';

/** Without an amount it is shown. @throws AppError option-invalid */
export function priceCommand(amount: string | undefined, options: { currency?: string; json?: boolean }): void {
  const home = slipwayHome();
  const price = amount === undefined ? homePrice(home) : setHomePrice(home, asked(home, amount, options.currency));
  if (options.json) printJson(price);
  else if (price === null)
    process.stdout.write('No price is set: gates without one take 0.05 USD an hour. Set it: slipway price 0.40 --currency EUR\n');
  else process.stdout.write(`${price.price_per_hour} ${price.currency} an hour, set on ${price.set_on}; every new comparison takes it\n`);
}

/** The currency that is set stays, where none is given; with one a damaged file is written anew. */
function asked(home: string, amount: string, currency = homePrice(home)?.currency ?? 'USD'): Pick<Price, 'price_per_hour' | 'currency'> {
  const parsed = Price.omit({ set_on: true }).safeParse({ price_per_hour: Number(amount), currency });
  if (parsed.success) return parsed.data;
  const problem = parsed.error.issues.map(({ path, message }) => `${path[0] === 'currency' ? currency : amount} ${message}`).join('; ');
  throw new AppError('option-invalid', { option: 'AMOUNT', problem, command: 'price' });
}
