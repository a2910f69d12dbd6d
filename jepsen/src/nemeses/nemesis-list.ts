import type { Database } from '../cluster/database.js';
import { JepsenError } from '../errors.js';
import { actionNemeses } from './action.js';
import { anyOf } from './any-of.js';
import { clockDrift, clockJump, clockStrobe } from './clock.js';
import { fileCorrupted, fileRemoved, fileTruncated } from './damage/damaged-file.js';
import { olderDirectory } from './damage/older-directory.js';
import { diskFull } from './disk-full.js';
import { failingSync, failingWrite, slowSync, slowWrite } from './failing-disk.js';
import { killAll, killMajority, killMinority, killOne } from './kill.js';
import { killStarting } from './kill-starting.js';
import { memoryPressure } from './memory-pressure.js';
import type { Nemesis } from './nemesis.js';
import { lossyNetwork, narrowNetwork, resets, slowNetwork } from './network.js';
import { openFilesExhausted } from './open-files.js';
import { partitionBridge } from './partition/bridge.js';
import { partitionFlapping } from './partition/flapping.js';
import { partitionHalves } from './partition/halves.js';
import { partitionLeader } from './partition/leader.js';
import { partitionOneWay } from './partition/one-way.js';
import { partitionRing } from './partition/ring.js';
import { pause } from './pause.js';
import { powerLoss } from './power-loss.js';
import { rollingRestart } from './rolling-restart.js';
import { terminate } from './terminate.js';

interface Group {
  readonly name: string;
  readonly proves: string;
  readonly nemeses: readonly Nemesis[];
}

const GROUPS: readonly Group[] = [
  {
    name: 'partition',
    proves: 'Whatever links are cut, those who are not a majority decide nothing',
    nemeses: [
      partitionHalves,
      partitionRing,
      partitionBridge,
      partitionLeader,
      partitionOneWay,
      partitionFlapping,
    ],
  },
  {
    name: 'kill',
    proves: 'Whoever is killed, and whenever, what was acknowledged is there afterwards',
    nemeses: [killOne, killMinority, killMajority, killAll, killStarting],
  },
  {
    name: 'clock',
    proves: 'No promise hangs on what clocks show',
    nemeses: [clockJump, clockDrift, clockStrobe],
  },
  {
    name: 'network',
    proves: 'A bad network costs time, and nothing else',
    nemeses: [slowNetwork, narrowNetwork, lossyNetwork, resets],
  },
  {
    name: 'disk',
    proves:
      'A disk that is full, fails, is slow or loses its power costs nothing that was acknowledged',
    nemeses: [diskFull, failingWrite, failingSync, slowWrite, slowSync, powerLoss],
  },
  {
    name: 'damage',
    proves: 'What is wrong with the files of a minority is noticed, and made good from the others',
    nemeses: [fileCorrupted, fileTruncated, fileRemoved, olderDirectory],
  },
  {
    name: 'exhaustion',
    proves: 'Who has neither files nor memory left loses nothing that it acknowledged',
    nemeses: [openFilesExhausted, memoryPressure],
  },
];

/** Those that belong to no group. */
const SINGLE: readonly Nemesis[] = [terminate, pause, rollingRestart];

/**
 * All that can strike this system, by name: the groups, each of which draws one of its nemeses anew for each strike, then
 * each by itself. Those that the system refuses are left out, of the groups too.
 */
export function listNemeses(database: Database): readonly Nemesis[] {
  const refused = database.refusedNemeses ?? {};
  const accepts = ({ name }: { readonly name: string }) => refused[name] === undefined;
  const actions = actionNemeses(database).filter(accepts);
  const groups = [
    ...GROUPS,
    {
      name: 'action',
      proves: 'Whatever operators do while it serves costs nothing that was acknowledged',
      nemeses: actions,
    },
  ].map((group) => ({ ...group, nemeses: group.nemeses.filter(accepts) }));
  return [
    ...groups
      .filter((group) => accepts(group) && group.nemeses.length > 0)
      .map(({ name, proves, nemeses }) => anyOf(name, proves, nemeses)),
    ...groups.flatMap(({ nemeses }) => nemeses),
    ...SINGLE.filter(accepts),
  ];
}

/**
 * Those that were named, each once.
 * @throws JepsenError OPTIONS_INVALID where there is none of that name, NEMESIS_UNAVAILABLE where the system refuses it
 */
export function chooseNemeses(names: readonly string[], database: Database): readonly Nemesis[] {
  const all = new Map(listNemeses(database).map((nemesis) => [nemesis.name, nemesis]));
  return [...new Set(names)].map((name) => {
    const nemesis = all.get(name);
    if (nemesis !== undefined) return nemesis;
    const reason = refusal(name, database);
    if (reason !== undefined) {
      throw new JepsenError('NEMESIS_UNAVAILABLE', `${database.name} refuses ${name}: ${reason}`);
    }
    const known = [...all.keys()].join(', ');
    throw new JepsenError('OPTIONS_INVALID', `there is no nemesis ${name}; there are ${known}`);
  });
}

/** A group is refused, too, whose nemeses are. */
function refusal(name: string, { refusedNemeses = {} }: Database): string | undefined {
  const group = GROUPS.find((one) => one.name === name);
  const reasons = (group?.nemeses ?? []).map((nemesis) => refusedNemeses[nemesis.name]);
  return refusedNemeses[name] ?? reasons.find((reason) => reason !== undefined);
}
