import { Store } from '#client/store.ts';
import { portOf, startInProcess } from '../kit/in-process.ts';
import { HttpLink } from './http-link.ts';
import { describeStore } from './store.ts';

describeStore('over HTTP', async () => {
  const server = await startInProcess([], { httpPort: 'any' });
  const store = new Store(new HttpLink(`http://${server.host}:${portOf(server, 'HTTP')}`));
  const close = async () => {
    await store.close();
    await server.stop();
  };
  return { store, hasTransactions: false, isResp2: true, close };
});
