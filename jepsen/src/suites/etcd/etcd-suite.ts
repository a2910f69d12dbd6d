import type { ClientPlace, Suite } from '../suite.js';
import { carryOutRegister, carryOutSet, type EtcdCall, EtcdClient } from './etcd-client.js';
import { etcdDatabase } from './etcd-database.js';

function clients(call: EtcdCall, ...reads: readonly string[]) {
  return async ({ members, process, keepsLeader }: ClientPlace) =>
    new EtcdClient(members, process, keepsLeader, call, new Set(reads));
}

/** etcd from its Debian package, by the JSON gateway of its API. */
export const suite: Suite = {
  name: 'etcd',
  about: "etcd 3.4 from Debian's package etcd-server, over its JSON gateway",
  database: etcdDatabase,
  clients: { register: clients(carryOutRegister, 'read'), set: clients(carryOutSet, 'read') },
};
