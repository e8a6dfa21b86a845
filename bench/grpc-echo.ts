// The floor that gRPC calls are measured against: a server of the same library that answers every request with the bytes
// of the request, unary or stream. Prints its port.

import { Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js';

const same = (bytes: Buffer) => bytes;
const bytes = {
  requestSerialize: same,
  requestDeserialize: same,
  responseSerialize: same,
  responseDeserialize: same,
};

const server = new Server({ 'grpc.enable_channelz': 0 });
server.addService(
  {
    unary: { path: '/bench.Echo/Unary', requestStream: false, responseStream: false, ...bytes },
    stream: { path: '/bench.Echo/Stream', requestStream: true, responseStream: true, ...bytes },
  },
  {
    unary: (call: { request: Buffer }, callback: (error: null, response: Buffer) => void) => {
      callback(null, call.request);
    },
    stream: (call: ServerDuplexStream<Buffer, Buffer>) => {
      call.on('data', (request: Buffer) => call.write(request));
      call.on('end', () => call.end());
    },
  },
);
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  process.stdout.write(`${port}\n`);
});
