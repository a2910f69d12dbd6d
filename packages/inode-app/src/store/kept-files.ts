// What a master keeps of the files that its process may open (`ulimit -n`); clients get the rest.

/** Node, its threads, and the files of log and store that are no tables: some 45 by measurement. */
const OWN_FILES = 64;
/** To and from each other member, a new one in its place, and one each way that asks for the time. */
const FILES_A_MEMBER = 5;
/** Connections of members whose address is not known, and of those that have not said who they are. */
const MAX_UNKNOWN_MEMBERS = 8;
const MAX_UNGREETED_MEMBERS = 16;
/** Connections over HTTP, with the files that are read for them, or one that is made and one received. */
const MAX_HTTP_CONNECTIONS = 16;
const HTTP_FILES = MAX_HTTP_CONNECTIONS + 8;
/** Connections of clients that have not greeted. */
const MAX_UNGREETED_CLIENTS = 32;
/** Tables that appear before the next look, those that are being compacted included. */
const SPARE_TABLES = 64;
const SPARE_TABLES_SHARE = 1 / 4;

/** A master that could serve fewer clients does not start. */
export const MIN_CLIENTS = 16;

/** Between two looks at the tables, milliseconds. */
export const TABLES_CHECK_MS = 5_000;

/** Of the members' port and of the clients' port. */
export const MEMBER_CONNECTIONS = {
  maxUngreeted: MAX_UNGREETED_MEMBERS,
  maxUnknownMembers: MAX_UNKNOWN_MEMBERS,
};
export const HTTP_CONNECTIONS = { maxConnections: MAX_HTTP_CONNECTIONS };
export const CLIENT_CONNECTIONS = { maxUngreeted: MAX_UNGREETED_CLIENTS };

/** Files that are kept from clients, in a cluster of so many members and with so many tables. */
export function keptFiles(members: number, tables: number): number {
  const connections =
    members * FILES_A_MEMBER + MAX_UNKNOWN_MEMBERS + MAX_UNGREETED_MEMBERS + MAX_UNGREETED_CLIENTS;
  return (
    OWN_FILES +
    HTTP_FILES +
    connections +
    tables +
    SPARE_TABLES +
    Math.ceil(tables * SPARE_TABLES_SHARE)
  );
}
