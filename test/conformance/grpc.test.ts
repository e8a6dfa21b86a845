import { connect } from '#client/grpc/connect.ts';
import { portOf, startInProcess } from '../kit/in-process.ts';
import { describeStore } from './store.ts';

describeStore('over gRPC', async () => {
  const server = await startInProcess([], { grpcPort: 'any' });
  const store = connect({ address: `127.0.0.1:${portOf(server, 'gRPC')}` });
  const close = async () => {
    await store.close();
    await server.stop();
  };
  return { store, hasTransactions: true, close };
});
