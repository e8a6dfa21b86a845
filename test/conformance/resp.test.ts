import { Store } from '#client/store.ts';
import { startInProcess } from '../kit/in-process.ts';
import { RespLink } from './resp-link.ts';
import { describeStore } from './store.ts';

describeStore('over RESP', async () => {
  const server = await startInProcess();
  const store = new Store(await RespLink.open(server.host, server.port));
  const close = async () => {
    await store.close();
    await server.stop();
  };
  return { store, hasTransactions: true, close };
});
