import { type ReadMessage, readMessage, startsMessage } from './message-text.js';
import type { Directive } from './script-file.js';

/** What one member did in one directive, as its output tells. */
export interface MemberObservation {
  /** The last one that was printed: `Term:1 Vote:2 Commit:3`. */
  hardState: string | undefined;
  /** Entries in the order in which they were handed out to be written. */
  readonly appended: string[];
  /** Entries in the order in which they were committed. */
  readonly committed: string[];
}

/** What one directive's output says, without what is a matter of taste. */
export interface Observation {
  readonly members: ReadonlyMap<string, MemberObservation>;
  /** Answers and errors: lines about no message and no Ready. */
  readonly answer: readonly string[];
  /** What was sent, arrived or was lost, and what the members' threads were told. */
  readonly messages: readonly string[];
}

/** Directives whose output is not an answer; for one member it has no title. */
const UNTITLED: Readonly<Record<string, string>> = {
  'process-ready': 'ready',
  'deliver-msgs': 'received',
  'process-append-thread': 'thread',
  'process-apply-thread': 'thread',
};

/** Titles of what follows about one member. */
const TITLES: Readonly<Record<string, string>> = {
  'handling Ready': 'ready',
  'receiving messages': 'received',
  'processing append thread': 'thread',
  'processing apply thread': 'thread',
};

/** Headings within that, and what a message below them is. */
const HEADINGS: Readonly<Record<string, string>> = {
  'Entries:': 'appended',
  'CommittedEntries:': 'committed',
  'Messages:': 'sent',
  'Processing:': 'processed',
  'Responses:': 'sent',
};

/** Lines in between that tell of no state. */
const PASSED_OVER =
  /^(Ready MustSync|<empty Ready>|Lead:|ReadStates |Reads |Transfer |no |raft: cannot step)/;
const READY = /^(Ready MustSync=|<empty Ready>)/;
const LOG_LINE = /^(DEBUG|INFO|WARN|ERROR|FATAL) /;
const TITLE = /^> (\w+) (.*)$/;
const ENTRY = /^\d+\/\d+ Entry/;

/** Reads the output of a directive, whoever printed it. */
export function observe(
  { name, arguments: args }: Pick<Directive, 'name' | 'arguments'>,
  output: string,
): Observation {
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !LOG_LINE.test(line));
  const observer = new Observer(args[0]?.key ?? '', UNTITLED[name] ?? 'answer');
  let at = 0;
  while (at < lines.length) {
    const message = startsMessage(lines[at] ?? '') ? readMessage(lines, at) : undefined;
    if (message === undefined) observer.read(lines[at] ?? '');
    else observer.readMessage(message);
    at = message?.next ?? at + 1;
  }
  return observer.observation();
}

/** Both types of the entries that change a configuration are one; so is their text. */
function oneType(line: string): string {
  return line.replace('EntryConfChange ', 'EntryConfChangeV2 ').replace(/EntryConfChange$/, '$&V2');
}

class Observer {
  readonly #members = new Map<string, MemberObservation>();
  readonly #answer: string[] = [];
  readonly #messages: string[] = [];
  #member: string;
  #section: string;

  constructor(member: string, section: string) {
    this.#member = member;
    this.#section = section;
  }

  observation(): Observation {
    return {
      members: this.#members,
      answer: this.#answer.filter((line) => line !== 'ok' && line !== 'ok (quiet)'),
      messages: this.#messages,
    };
  }

  readMessage({ text, dropped, toThread }: ReadMessage): void {
    const sent = this.#section === 'sent' && toThread ? 'ordered' : this.#section;
    const how = dropped ? 'dropped' : sent === 'answer' ? 'sent' : sent;
    this.#messages.push(`${how}: ${text}`);
  }

  read(line: string): void {
    const [, member = '', title = ''] = TITLE.exec(line) ?? [];
    const section = TITLES[title];
    const heading = HEADINGS[line];
    if (section !== undefined) {
      this.#member = member;
      this.#section = section;
    } else if (this.#section === 'answer' && !READY.test(line)) {
      this.#answer.push(oneType(line));
    } else if (READY.test(line)) {
      this.#section = 'ready';
    } else if (heading !== undefined) {
      this.#section = heading;
    } else {
      this.#readReady(line);
    }
  }

  #readReady(line: string): void {
    const isEntry = ENTRY.test(line);
    if (line.startsWith('HardState ')) {
      this.#own().hardState = line.slice('HardState '.length);
    } else if (line.startsWith('Snapshot ')) {
      this.#messages.push(`installed by ${this.#member}: ${line}`);
    } else if (isEntry && this.#section === 'appended') {
      this.#own().appended.push(oneType(line));
    } else if (isEntry && this.#section === 'committed') {
      this.#own().committed.push(oneType(line));
    } else if (!PASSED_OVER.test(line)) {
      this.#answer.push(oneType(line));
    }
  }

  #own(): MemberObservation {
    const known = this.#members.get(this.#member);
    if (known !== undefined) return known;
    const observation = { hardState: undefined, appended: [], committed: [] };
    this.#members.set(this.#member, observation);
    return observation;
  }
}
