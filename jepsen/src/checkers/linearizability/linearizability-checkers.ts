import type { Checker } from '../checker.js';
import { linearizability } from './linearizability.js';
import { keyValue } from './models/key-value.js';
import { keyValueCalls } from './models/key-value-calls.js';
import { register } from './models/register.js';
import { registerCalls } from './models/register-calls.js';

/** Of registers: see `registerCalls` for the calls that it judges. */
export const registerLinearizability: Checker = linearizability({
  model: register,
  form: registerCalls,
  source: { module: new URL('./models/register.js', import.meta.url).href, name: 'register' },
});

/** Of texts under keys: see `keyValueCalls`. */
export const keyValueLinearizability: Checker = linearizability({
  model: keyValue,
  form: keyValueCalls,
  source: { module: new URL('./models/key-value.js', import.meta.url).href, name: 'keyValue' },
});
