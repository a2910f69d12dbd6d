import { encodeOperation, type Operation } from '../../namespace/operations/operation-table.js';
import type { OperationResult } from '../../namespace/operations/result.js';

/** Operations in one command; the last step may bring one more. */
export const COMMAND_OPERATIONS = 512;
/** Bytes of paths and targets in one command, near enough. */
const COMMAND_BYTES = 256 * 1024;
/** Commands on their way at once. */
export const COMMANDS_OUTSTANDING = 6;
/** Steps not yet acknowledged, sent or waiting: what the memory of a load is bounded by. */
export const STEPS_WAITING = 12_288;

/** A directory that entries can depend on. */
export class Prerequisite {
  state: 'waiting' | 'met' | 'failed' = 'waiting';
  /** The command that the step which meets it stands in. */
  command: Command | undefined;
  /** Steps that wait for it. */
  readonly parked: Step[] = [];
}

/** Operations that belong together, in order: they stand in one command. The last one counts. */
export interface Step {
  readonly operations: readonly Operation[];
  /** Must be met, or be met earlier in the same command, before this is carried out. */
  readonly needs?: Prerequisite | undefined;
  /** What this step meets, if it succeeds. */
  readonly meets?: Prerequisite | undefined;
  /** Called with a result for each operation; undefined: what it needs has failed. */
  settled(results: readonly OperationResult[] | undefined): void;
}

class Command {
  readonly steps: Step[] = [];
  operations = 0;
  bytes = 0;
}

/**
 * Turns a stream of steps into commands, several of them on their way at once. Commands overtake
 * each other, operations inside of one do not: a step whose prerequisite is in a command that is
 * on its way is held back until that one is acknowledged.
 */
export class OrderedCommands {
  readonly #run: (operations: readonly Operation[]) => Promise<readonly OperationResult[]>;
  #open = new Command();
  readonly #full: Command[] = [];
  #outstanding = 0;
  #waiting = 0;
  #failure: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;

  constructor(run: (operations: readonly Operation[]) => Promise<readonly OperationResult[]>) {
    this.#run = run;
  }

  /** Takes a step; it is settled later, never inside of this call. */
  add(step: Step): void {
    this.#waiting += 1;
    this.#place(step);
    this.#send();
  }

  /** A promise while there are too many steps; rejects when a command has failed. */
  room(): Promise<void> | undefined {
    if (this.#failure === undefined && this.#waiting < STEPS_WAITING) return undefined;
    return this.#until(() => this.#waiting < STEPS_WAITING);
  }

  /** Resolves when all steps are settled, with those that settling brought. */
  idle(): Promise<void> {
    return this.#until(() => this.#waiting === 0);
  }

  async #until(condition: () => boolean): Promise<void> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure.error;
      if (condition()) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #place(step: Step): void {
    const { needs } = step;
    if (needs?.state === 'failed') {
      queueMicrotask(() => this.#settle(step, undefined));
    } else if (needs?.state === 'waiting' && needs.command !== this.#open) {
      needs.parked.push(step);
    } else this.#append(step);
  }

  #append(step: Step): void {
    const command = this.#open;
    command.steps.push(step);
    command.operations += step.operations.length;
    for (const operation of step.operations) command.bytes += operationBytes(operation);
    if (step.meets !== undefined) step.meets.command = command;
    if (command.operations >= COMMAND_OPERATIONS || command.bytes >= COMMAND_BYTES) {
      this.#full.push(command);
      this.#open = new Command();
    }
    if (step.meets !== undefined) this.#release(step.meets);
  }

  /** Places what waited for a prerequisite that is met, or about to be in the open command. */
  #release(prerequisite: Prerequisite): void {
    if (prerequisite.parked.length === 0) return;
    for (const step of prerequisite.parked.splice(0)) this.#place(step);
  }

  /** A command that is not full waits for company, unless nothing else is on its way. */
  #send(): void {
    while (this.#failure === undefined && this.#outstanding < COMMANDS_OUTSTANDING) {
      let command = this.#full.shift();
      if (command === undefined && this.#outstanding === 0 && this.#open.steps.length > 0) {
        command = this.#open;
        this.#open = new Command();
      }
      if (command === undefined) return;
      this.#outstanding += 1;
      void this.#carryOut(command);
    }
  }

  async #carryOut(command: Command): Promise<void> {
    try {
      const results = await this.#run(command.steps.flatMap((step) => step.operations));
      this.#outstanding -= 1;
      let at = 0;
      for (const step of command.steps) {
        const end = at + step.operations.length;
        this.#settle(step, results.slice(at, end));
        at = end;
      }
    } catch (error) {
      // Whoever waits is told; nothing more is sent.
      this.#failure ??= { error };
    }
    this.#send();
    this.#wake?.();
  }

  #settle(step: Step, results: readonly OperationResult[] | undefined): void {
    this.#waiting -= 1;
    if (step.meets !== undefined) {
      const met = typeof results?.at(-1) === 'number';
      step.meets.state = met ? 'met' : 'failed';
      step.meets.command = undefined;
      this.#release(step.meets);
    }
    step.settled(results);
    if (results === undefined) this.#wake?.();
  }
}

const OPERATION_BYTES = 64;

function operationBytes(operation: Operation): number {
  let bytes = OPERATION_BYTES;
  for (const field of encodeOperation(operation)) {
    if (typeof field === 'string') bytes += field.length;
  }
  return bytes;
}
