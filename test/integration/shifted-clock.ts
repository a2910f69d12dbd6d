// Loaded before a program: its wall clock is ahead by what the file that CLOCK_SHIFT names says, in
// milliseconds, whenever it is read.
import { readFileSync } from 'node:fs';

const file = process.env.CLOCK_SHIFT ?? '';
const rightMs = Date.now;

Date.now = () => rightMs() + Number(readFileSync(file, 'utf8'));
