/** INFO: how many keys each database has. */
import { averageTtlMs } from '#keyspace/average-ttl.ts';
import type { Context } from '../../context.ts';
import type { Field, Section } from './section.ts';

export const keyspaceSection: Section = {
  name: 'keyspace',
  title: 'Keyspace',
  isDefault: true,
  *fields({ keyspace }: Context): Iterable<Field> {
    for (const database of keyspace.databases) {
      const { count, expiring, expiringFields, index } = database;
      if (count === 0) continue;
      const keys = `keys=${count},expires=${expiring},avg_ttl=${averageTtlMs(database)}`;
      yield [`db${index}`, `${keys},subexpiry=${expiringFields}`];
    }
  },
};
