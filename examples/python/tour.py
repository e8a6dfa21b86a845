"""A tour of Zippy over gRPC: python3 examples/python/tour.py [address]. Uses the keys that begin with "tour:"."""

import sys

import grpc
from zippy import Zippy, command, message

zippy = Zippy(sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:6381")
info = zippy.GetServerInfo()
print("server", bool(info.version), info.uptime_seconds >= 0)

# Strings, and keys that expire.
zippy.Set(key=b"tour:greeting", value=b"hello", ttl_ms=60_000)
print("get", zippy.Get(key=b"tour:greeting").value)
print("ttl", 0 < zippy.Ttl(key=b"tour:greeting").ttl_ms <= 60_000)
print("missing", zippy.Get(key=b"tour:none").HasField("value"))
print("incr", zippy.Incr(key=b"tour:visits", by=41).value + 1)

# Lists, hashes, sets, sorted sets.
zippy.RPush(key=b"tour:queue", elements=[b"first", b"second"])
print("pop", list(zippy.LPop(key=b"tour:queue", count=2).elements))
Field = message("Field")
zippy.HSet(key=b"tour:user", fields=[Field(name=b"name", value=b"Ada"), Field(name=b"city", value=b"London")])
print("hash", sorted((f.name, f.value) for f in zippy.HGetAll(key=b"tour:user").fields))
zippy.SAdd(key=b"tour:tags", members=[b"red", b"blue"])
print("members", list(zippy.SIsMember(key=b"tour:tags", members=[b"red", b"green"]).are_members))
Scored = message("ScoredMember")
zippy.ZAdd(key=b"tour:scores", members=[Scored(member=b"ada", score=10), Scored(member=b"bob", score=20)])
print("best", [(m.member, m.score) for m in zippy.ZRange(key=b"tour:scores", reverse=True).members])

# Streams and places.
zippy.XAdd(key=b"tour:log", fields=[Field(name=b"event", value=b"start")])
print("log", zippy.XRange(key=b"tour:log").entries[0].fields[0].value)
Place, Position = message("Place"), message("Position")
zippy.GeoAdd(key=b"tour:map", places=[Place(member=b"rome", position=Position(longitude=12.5, latitude=41.9))])
print("near", [p.member for p in zippy.GeoSearch(key=b"tour:map", member=b"rome", radius_metres=1000).places])

# Errors are statuses, with the kind of error beside them.
try:
    zippy.LPush(key=b"tour:greeting", elements=[b"x"])
except grpc.RpcError as error:
    print("error", error.code().name, dict(error.trailing_metadata())["zippy-error-code"])

# A call that waits stops with its deadline.
try:
    zippy.BPop(keys=[b"tour:empty"], **{"from": "LIST_END_LEFT"}, timeout=0.05)
except grpc.RpcError as error:
    print("deadline", error.code().name)

# Any command, several as one, and a pipe.
print("execute", zippy.Execute(command=command("STRLEN", "tour:greeting")).reply.integer)
replies = zippy.ExecuteAll(commands=[command("INCR", "tour:n"), command("INCR", "tour:n")]).replies
print("all", [r.integer for r in replies])
PipeRequest = message("PipeRequest")
commands = [command("SET", "tour:pipe", i) for i in range(1000)] + [command("GET", "tour:pipe")]
answers = [r for response in zippy.Pipe(iter([PipeRequest(commands=commands)])) for r in response.replies]
print("pipe", len(answers), answers[-1].bytes)

# Messages.
events = zippy.Subscribe(channels=[b"tour:news"])
next(events)
zippy.Publish(channel=b"tour:news", payload=b"hello")
print("message", next(events).message.payload)
events.cancel()

keys = zippy.Scan(pattern=b"tour:*", count=1000).keys
print("cleaned", zippy.Del(keys=keys).deleted == len(keys))
zippy.close()
