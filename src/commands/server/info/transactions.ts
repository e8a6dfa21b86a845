/** INFO: interactive transactions, and what came of them. */
import type { Context } from '../../context.ts';
import type { Field, Section } from './section.ts';

export const transactionsSection: Section = {
  name: 'transactions',
  title: 'Transactions',
  isDefault: true,
  *fields({ services: { interactive } }: Context): Iterable<Field> {
    const { figures } = interactive;
    yield ['transactions_open', figures.open];
    yield ['transactions_waiting_clients', figures.waiting];
    yield ['transactions_locked_keys', figures.lockedKeys];
    yield ['transactions_begun', figures.begun];
    yield ['transactions_committed', figures.committed];
    yield ['transactions_rolled_back', figures.rolledBack];
    yield ['transactions_deadlocks', figures.deadlocks];
    yield ['transactions_lock_timeouts', figures.lockTimeouts];
    yield ['transactions_idle_timeouts', figures.idleTimeouts];
  },
};
