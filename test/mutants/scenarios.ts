/** A way in which an implementation of Raft once went wrong, or in which this tree could. */
export interface Scenario {
  readonly number: number;
  readonly title: string;
  /** Where it was seen. */
  readonly source: string;
  /** Why this design can't have it; such a scenario has no mutant. */
  readonly absentBecause?: string;
}

/** Seen nowhere: what assertions of the application keep from being. */
const OWN = "the inode tree's own assertions";

export const SCENARIOS: readonly Scenario[] = [
  {
    number: 1,
    title: 'an entry of an older term on a majority is counted as committed',
    source: 'Raft paper, figure 8; logcabin#44',
  },
  {
    number: 2,
    title: "a change is proposed before the new leader's first entry commits",
    source: 'raft-dev, 2015',
  },
  {
    number: 3,
    title: 'a removed server campaigns for ever and disturbs the leader',
    source: 'logcabin#56',
  },
  {
    number: 4,
    title: 'a member forgets its vote over a restart and votes twice',
    source: 'thesis 3.8',
  },
  {
    number: 5,
    title: 'a rolling mix of members with and without pre-vote wedges',
    source: 'etcd#8501',
  },
  { number: 6, title: 'a pre-candidate of a lower term stays stuck', source: 'etcd#8243' },
  {
    number: 7,
    title: 'pre-vote camps, longer log against higher term, wedge during a joint change',
    source: 'openraft#1796',
  },
  {
    number: 8,
    title: "ReadIndex is answered before the first entry of the leader's term commits",
    source: 'etcd#7331, tikv#9239',
  },
  {
    number: 9,
    title: 'a retried ReadIndex context across a leader change gives a stale read',
    source: 'etcd#20418',
  },
  {
    number: 10,
    title: 'ReadIndex counts acknowledgements of removed members',
    source: 'etcd raft 77ae04b',
  },
  {
    number: 11,
    title: 'a lease read is served after a pause or with a slow clock',
    source: 'tikv#964',
  },
  {
    number: 12,
    title: 'the lease is checked only every half election timeout',
    source: 'sofa-jraft#34',
  },
  {
    number: 13,
    title: 'a learner that does not know of its promotion refuses to vote',
    source: 'etcd raft',
  },
  {
    number: 14,
    title: 'a promoted learner that does not know it holds the newest log',
    source: 'etcd#12359',
  },
  {
    number: 15,
    title: 'a candidate with an unapplied configuration change campaigns',
    source: 'etcd#7280',
  },
  { number: 16, title: 'applying lags behind more than one configuration', source: 'etcd#5004' },
  {
    number: 17,
    title: 'a leader that removes itself stops too early, or never',
    source: 'Raft paper, 6',
  },
  {
    number: 18,
    title: 'a joint configuration is lost over a restart',
    source: 'openraft 6c0ccaf3',
  },
  {
    number: 19,
    title: 'a truncated configuration entry stays in effect',
    source: 'openraft t11',
  },
  {
    number: 20,
    title: 'a snapshot carries a stale configuration',
    source: 'openraft#1808',
  },
  {
    number: 21,
    title: 'installing a snapshot keeps a conflicting entry at its index',
    source: 'hashicorp#697',
  },
  {
    number: 22,
    title: 'a snapshot is installed while entries are applied',
    source: 'openraft eed681d5, NuRaft#407',
  },
  {
    number: 23,
    title: 'a snapshot chunk at an offset above 0 restarts the session',
    source: 'openraft 2eccb9e1',
    absentBecause: 'states are not moved in messages: a SnapshotSource fetches one as a whole',
  },
  {
    number: 24,
    title: 'an append below the compacted index panics or duplicates',
    source: 'etcd raft#31',
  },
  {
    number: 25,
    title: 'a short append that matches deletes the committed entries behind it',
    source: 'openraft 9540c904',
  },
  {
    number: 26,
    title: 'a heartbeat commits past the last index known to match',
    source: 'scylladb#9965',
  },
  {
    number: 27,
    title: 'an old acknowledgement is taken for a rewritten entry of the same index',
    source: 'etcd raft, asynchronous appends',
  },
  {
    number: 28,
    title: 'a single voter acknowledges before its fsync',
    source: 'etcd#14370',
  },
  {
    number: 29,
    title: 'logs are compared by length before term',
    source: 'openraft a48a3282',
  },
  { number: 30, title: 'a duplicated vote response is counted twice', source: 'Raft paper, 5.2' },
  {
    number: 31,
    title: 'ReadIndex waits for a majority minus one',
    source: 'openraft d60f1e85',
  },
  {
    number: 32,
    title: 'a progress update out of order commits without a quorum',
    source: 'openraft#1802',
  },
  {
    number: 33,
    title: 'the lead moves to a member that lags, or writes are accepted meanwhile',
    source: 'hashicorp#581, redpanda#2606',
  },
  {
    number: 34,
    title: 'a transfer and a ReadIndex freeze writes; a transfer never times out',
    source: 'openraft#1747',
  },
  {
    number: 35,
    title: 'a leader whose disk has stalled keeps the lead',
    source: 'hashicorp#503',
  },
  {
    number: 36,
    title: 'after a restart entries are applied again, or one is skipped',
    source: 'dragonboat#156, etcd#9809',
  },
  { number: 37, title: 'a torn tail, then an append behind it', source: 'etcd#6515' },
  {
    number: 38,
    title: 'corruption in the middle of the log is taken for a torn tail',
    source: "Protocol-Aware Recovery, FAST'18",
  },
  { number: 39, title: 'a failed fsync is tried again', source: "Rebello, ATC'20" },
  {
    number: 40,
    title: 'a wiped disk comes back under its old id',
    source: 'dragonboat#354',
  },
  {
    number: 41,
    title: 'bytes in flight leak on rejection, and replication stops',
    source: 'etcd raft#54',
  },
  {
    number: 42,
    title: 'an isolated member inflates its term and unseats the leader on return',
    source: 'cockroach#1131',
  },
  {
    number: 43,
    title: 'founders of whom nothing was lost are left without a leader',
    source: 'a founder that starts late, taken for one that was emptied',
  },
  {
    number: 44,
    title: 'a refused proposal ends what the leader itself does through the log',
    source: 'a transfer of the lead that expired, and nothing was reclaimed any more',
  },
  {
    number: 45,
    title: 'a jump of the wall clock moves the time by which sessions expire',
    source: 'a clock that was wrong for half a second, and sessions that never ended',
  },
  {
    number: 46,
    title: 'a follower answers queries from what it has, staler than they may be',
    source: 'reads from any member, as in etcd#741',
  },
  {
    number: 47,
    title: 'a format on the disk changes, and what was written before is read wrongly or given up',
    source: 'fields that change places in encoder and decoder pass every test without golden bytes',
  },
  {
    number: 48,
    title: 'a flipped bit in a small file is believed',
    source: 'a data directory that named another cluster after one byte of it had changed',
  },
  {
    number: 49,
    title: 'entries that a leader has read from disk are sent though others took their place',
    source: 'own: a slow disk, and a lead that was lost and won again meanwhile',
  },
  {
    number: 50,
    title: 'the mark promises entries that are being replaced, and a crash makes that damage',
    source: 'own: group-commit.ts, the order of steps',
  },
  {
    number: 52,
    title: 'damage in a database is passed over, or ends the process',
    source: 'decision 0014: files cut short, missing or swapped, drawn at random',
  },
  {
    number: 53,
    title: 'who alone holds what is committed never leads, or never stops leading',
    source: 'a group of three without a leader for ever beside a member of priority 0',
  },
  {
    number: 54,
    title: 'a voter is taken in that was never heard from',
    source: 'no election after the leader that took it in had restarted',
  },
  {
    number: 55,
    title: 'a leader does not learn what is committed from who lacks its state',
    source:
      'a majority without a commit for ever: one that does not know, one that acknowledges nothing',
  },
  {
    number: 56,
    title: 'a committed entry that contradicts the leader is passed over',
    source: 'a good member that stayed in probe without a word after an older copy was put back',
  },
  {
    number: 57,
    title: 'who joins does not learn who founded',
    source: 'InvalidChange out of a joiner whose founders stood in front of the first entry',
  },
  {
    number: 58,
    title: 'a leader that lives is unseated because a connection to it broke',
    source: 'decision 0013: who sees the end of a process does not wait for an election timeout',
  },
  {
    number: 59,
    title: 'followers believe a leader that has stepped down since',
    source: 'heartbeats that came out of a buffer once the links had healed',
  },
  { number: 60, title: 'a directory has fewer than no entries, or a file has some', source: OWN },
  { number: 61, title: 'counts of inodes fall below zero, or above the ids given', source: OWN },
  { number: 62, title: 'an inode id is used that was never given', source: OWN },
  { number: 63, title: 'the trash loses its order, its bounds or a row', source: OWN },
  { number: 64, title: 'an attribute out of its limits is kept', source: OWN },
  { number: 65, title: 'rows that are never written are read', source: OWN },
  { number: 66, title: 'an id leads to another inode', source: OWN },
  { number: 67, title: 'a later state is taken for an earlier one', source: OWN },
  // What our own assertions say of a member's state: core/check-state.ts.
  {
    number: 68,
    title: 'the order of what a log has committed, made durable and applied is broken',
    source: 'check-state.ts, checkLog',
  },
  {
    number: 69,
    title: 'a term falls, or a vote is given twice in it',
    source: 'check-state.ts, checkTerm',
  },
  {
    number: 70,
    title: 'reads wait without a limit, or a promise without an end',
    source: 'check-state.ts, checkReads',
  },
  {
    number: 71,
    title: 'a member campaigns that can not lead',
    source: 'check-state.ts, checkMayLead',
  },
  {
    number: 72,
    title: 'a leader does not hold what it leads by',
    source: 'check-state.ts, checkLeader',
  },
  {
    number: 73,
    title: 'a leader is wrong about what is on its way to another member',
    source: 'check-state.ts, checkProgress',
  },
  {
    number: 74,
    title: 'who does not lead keeps what only a leader has, or campaigns against the rules',
    source: 'check-state.ts, checkNoLeader',
  },
  {
    number: 75,
    title: 'the lead is handed to no voter, or for ever',
    source: 'check-state.ts, checkTransfer',
  },
  {
    number: 76,
    title: 'strangers make a process hold more than it may',
    source: 'docs/architecture.md, Queues',
  },
  {
    number: 80,
    title: 'a missing state is not fetched, or asked for without end',
    source: 'raft-ts before 0.1: 44 fetches in 3 seconds',
  },
  {
    number: 81,
    title: 'one client keeps all others from opening a session, or ends theirs',
    source: 'raft-ts before 0.1: one connection opened 65,536 sessions in 9 seconds',
  },
  {
    number: 82,
    title: 'a state is installed and sessions of the former one go on: commands take effect twice',
    source: 'raft-ts before 0.1',
  },
  {
    number: 83,
    title: 'a mistyped option is taken, and its default holds',
    source: 'raft-ts before 0.1: `raft: { electionTick: 5 }`',
  },
  {
    number: 84,
    title: 'listing what is left of a directory holds the event loop for all that was removed',
    source: 'raft-ts before 0.1: 62 to 79 ms with each listing, 200,000 files removed singly',
  },
  {
    number: 85,
    title: 'a state that moves begins anew after each interruption, and never arrives',
    source: 'camunda#11496, camunda#14671, logcabin#174',
  },
  {
    number: 86,
    title: 'a member that is killed while it installs a state has neither the former nor the next',
    source: 'docs/decisions/0019',
  },
  {
    number: 87,
    title: 'a snapshot holds what was applied after its index',
    source: 'docs/decisions/0019: rows are read in another thread than they are written',
  },
  {
    number: 88,
    title: 'a limit of time for the whole starves large states on slow disks',
    source: 'cockroach#103879, cockroach#138040, etcd#3568',
  },
  {
    number: 89,
    title: 'a damaged snapshot is handed out for ever, and who needs it never has a state',
    source: 'docs/decisions/0019',
  },
  {
    number: 90,
    title:
      'the log forgets what a loss of power takes out of the state: entries are missing in between',
    source: 'docs/decisions/0020',
  },
  {
    number: 91,
    title: 'the log forgets what a member that was away needs, and nothing brings it back',
    source: 'docs/decisions/0020; zookeeper and etcd send a snapshot then',
  },
  {
    number: 92,
    title: 'a member that fetches the state is overtaken meanwhile, and begins anew for ever',
    source: 'docs/decisions/0022',
  },
  {
    number: 93,
    title: 'a member that does not come back, or does not get on, has all logs grow',
    source: 'docs/decisions/0022',
  },
  {
    number: 94,
    title: 'a state is another one than its index says, after it was replaced or while it is held',
    source: 'docs/decisions/0022',
  },
  {
    number: 95,
    title: 'a newcomer whose log is empty does not know whom to ask for the state',
    source: 'docs/decisions/0022',
  },
  {
    number: 96,
    title:
      'a snapshot of a state in memory has of some changes what came after its moment, or lacks them',
    source: 'docs/decisions/0023',
  },
  {
    number: 97,
    title: 'a cut log is left without a snapshot that leads to it, or with a damaged or later one',
    source: 'docs/decisions/0023',
  },
  {
    number: 98,
    title: 'a process is told of its own member that a command was not carried out, and it was',
    source: 'docs/decisions/0023',
  },
  {
    number: 99,
    title:
      'a member that closes is missed by the others, or one that does not open leaves ports and locks',
    source: 'docs/decisions/0023',
  },
  {
    number: 100,
    title: 'a tree that is not sound passes for one that is',
    source: 'docs/decisions/0024',
  },
  {
    number: 101,
    title: 'members that were restored from different backups, or not at all, become one cluster',
    source: 'docs/decisions/0024; etcd, snapshot restore of members with different snapshots',
  },
  {
    number: 102,
    title: 'a file that is no backup has the name of one, or another file is lost to it',
    source: 'docs/decisions/0024',
  },
  {
    number: 103,
    title: 'who looks into a directory sees half of what a running member writes',
    source: 'docs/decisions/0024',
  },
  {
    number: 105,
    title: "members' states differ in silence, or one member that is wrong stops all others",
    source: 'docs/decisions/0025; etcd#13766',
  },
  {
    number: 106,
    title: 'a member whose state was found to be wrong serves again',
    source: 'docs/decisions/0025',
  },
  {
    number: 107,
    title: 'a member whose state is right is taken for one that differs',
    source: 'docs/decisions/0025',
  },
  {
    number: 108,
    title: 'who is not to lead goes on leading',
    source: 'docs/raft.md, priority 0',
  },
  {
    number: 109,
    title: 'a change of the membership happens twice, or lets a stranger in',
    source: 'docs/decisions/0021',
  },
  {
    number: 110,
    title: 'bytes of a state that were damaged on their way become the state',
    source: 'docs/decisions/0026',
  },
  {
    number: 111,
    title: 'what was received of a state is forgotten though another member has the rest of it',
    source: 'docs/decisions/0026',
    absentBecause:
      'whom a fetch may give up, and when, depends on offers that the simulation does not follow',
  },
  {
    number: 112,
    title: 'the log is cut behind a snapshot whose name a loss of power takes back',
    source: 'docs/decisions/0026',
  },
  {
    number: 113,
    title: 'the log is cut behind a state that is in memory alone',
    source: 'docs/decisions/0026',
  },
  {
    number: 114,
    title: 'a snapshot of a state in memory mixes two moments',
    source: 'docs/decisions/0026',
  },
  {
    number: 115,
    title: 'a log that was cut once grows without end',
    source: 'docs/decisions/0026',
  },
  {
    number: 116,
    title: 'a state comes without its sessions: a command that comes again takes effect twice',
    source: 'docs/decisions/0026',
  },
  {
    number: 117,
    title: 'an opened log tells of entries that it does not hold, or hides that some are damaged',
    source: 'docs/decisions/0020',
  },
  {
    number: 118,
    title:
      'a leader that has moved gives its state to nobody: what says where it is can never be committed',
    source: 'raft/src/replica/own-address.ts',
  },
  {
    number: 119,
    title: 'a check of a history accuses the innocent, or lets the guilty go',
    source: 'docs/decisions/0010',
  },
  {
    number: 120,
    title: 'faults on a cluster under test end too early, or are taken for over',
    source: 'docs/decisions/0029',
  },
  {
    number: 121,
    title: 'a look into a storage that began before undoes what was changed through the tree',
    source: 'docs/decisions/0032',
  },
  {
    number: 122,
    title: 'a change that was under way in a storage is left, done otherwise or undone by who led',
    source: 'docs/decisions/0032; own: a directory that was made again seconds after it was moved',
  },
  {
    number: 123,
    title: 'what is moved by copies is seen at both places or at neither, or lost',
    source: 'docs/decisions/0032',
  },
  {
    number: 124,
    title: 'a storage that does not answer is taken for one that says that nothing is there',
    source: 'docs/decisions/0032',
  },
  {
    number: 125,
    title:
      'a client is told that a change in a mount failed that was done, or that it was done early',
    source: 'docs/decisions/0032',
  },
  {
    number: 126,
    title: 'two changes of one place in a mount go on at once',
    source: 'docs/decisions/0032',
  },
];
