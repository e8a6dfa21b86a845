import { allCommands } from '#commands/registry.ts';
import { open } from '#embedded/open.ts';
import { describeStore } from './store.ts';

const hasTransactions = allCommands.some(({ fullName }) => fullName === 'begin');

describeStore('embedded', async () => {
  const store = await open();
  return { store, hasTransactions, close: () => store.close() };
});
