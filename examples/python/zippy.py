"""A client for Zippy over gRPC, with nothing but Debian's python3-grpcio and python3-protobuf.

The messages are made from the description of the service, src/proto/zippy.binpb, when this module is loaded, so no code has to
be generated. Programs that would rather have generated code get it from proto/ with protoc or buf.

    zippy = Zippy("127.0.0.1:6381")
    zippy.Set(key=b"greeting", value=b"hello")
    print(zippy.Get(key=b"greeting").value)
"""

import base64
import pathlib

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

DESCRIPTION = pathlib.Path(__file__).parents[2] / "src" / "proto" / "zippy.binpb"
SERVICE = "zippy.v1.ZippyService"

pool = descriptor_pool.DescriptorPool()
for file in descriptor_pb2.FileDescriptorSet.FromString(DESCRIPTION.read_bytes()).file:
    pool.Add(file)
factory = message_factory.MessageFactory(pool)


def message(name):
    """The class of a message of the package, such as "SetRequest"."""
    return factory.GetPrototype(pool.FindMessageTypeByName(f"zippy.v1.{name}"))


def command(*words):
    """A command of any kind, for Execute, Pipe and Transaction."""
    return message("Command")(words=[w if isinstance(w, bytes) else str(w).encode() for w in words])


class Zippy:
    """Each method of the service is one of this: unary ones take the fields of their request, streams an iterator of requests."""

    def __init__(self, address, user=None, password=None, credentials=None):
        self.channel = (
            grpc.insecure_channel(address)
            if credentials is None
            else grpc.secure_channel(address, credentials)
        )
        self.metadata = []
        if password is not None:
            pair = f"{user or 'default'}:{password}".encode()
            self.metadata = [("authorization", "Basic " + base64.b64encode(pair).decode())]
        for method in pool.FindServiceByName(SERVICE).methods:
            setattr(self, method.name, self._method(method.name))

    def _method(self, name):
        streams = {"Pipe": "stream_stream", "Transaction": "stream_stream", "Subscribe": "unary_stream"}
        kind = streams.get(name, "unary_unary")
        request, response = message(f"{name}Request"), message(f"{name}Response")
        stub = getattr(self.channel, kind)(
            f"/{SERVICE}/{name}",
            request_serializer=request.SerializeToString,
            response_deserializer=response.FromString,
        )

        def call(requests=None, timeout=None, metadata=(), **fields):
            what = requests if kind == "stream_stream" else request(**fields)
            return stub(what, timeout=timeout, metadata=[*self.metadata, *metadata])

        return call

    def close(self):
        self.channel.close()
