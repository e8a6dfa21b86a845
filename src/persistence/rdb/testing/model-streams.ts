/** Streams as plain JavaScript, with a walker and a builder: see model-values.ts. */
import { Slice } from '#memory/slice.ts';
import { StreamId } from '#structures/stream-id.ts';
import type { EntryWords } from '#structures/stream-node.ts';
import type {
  ConsumerFacts,
  GroupFacts,
  PendingFacts,
  StreamBuilder,
  StreamFacts,
  StreamWalker,
  TrackingCounts,
  TrackingLimits,
} from '../values.ts';

/** Ids are texts, as `5-1`. */
export interface ModelStream {
  readonly type: 'stream';
  readonly entries: { readonly id: string; readonly fields: [string, string][] }[];
  lastId: string;
  maxDeletedId: string;
  entriesAdded: number;
  readonly groups: ModelGroup[];
  /** What is remembered of producers, if anything. */
  tracking?: ModelTracking;
}

export interface ModelTracking {
  readonly durationS: number;
  readonly size: number;
  readonly producers: { readonly name: string; readonly messages: ModelMessage[] }[];
  readonly added: number;
  readonly duplicates: number;
}

interface ModelMessage {
  readonly name: string;
  readonly id: string;
}

const noTracking: ModelTracking = {
  durationS: 100,
  size: 100,
  producers: [],
  added: 0,
  duplicates: 0,
};

interface ModelGroup {
  readonly name: string;
  readonly lastId: string;
  readonly entriesRead: number;
  readonly pendings: ModelPending[];
  readonly consumers: { readonly name: string; readonly seenAtMs: number }[];
}

interface ModelPending {
  readonly id: string;
  readonly deliveredAtMs: number;
  readonly deliveries: number;
  /** Empty if it is pending for nobody. */
  consumer: string;
}

function textOfId({ msHigh, msLow, seqHigh, seqLow }: StreamId): string {
  const join = (high: number, low: number) => (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
  return `${join(msHigh, msLow)}-${join(seqHigh, seqLow)}`;
}

function idOf(text: string): StreamId {
  const [ms = 0n, seq = 0n] = text.split('-').map(BigInt);
  const high = (value: bigint) => Number(value >> 32n);
  const low = (value: bigint) => Number(value & 0xffffffffn);
  return new StreamId().setWords(high(ms), low(ms), high(seq), low(seq));
}

/** Builds into `stream`, which is empty. */
export class ModelStreamBuilder implements StreamBuilder {
  readonly stream: ModelStream = {
    type: 'stream',
    entries: [],
    lastId: '0-0',
    maxDeletedId: '0-0',
    entriesAdded: 0,
    groups: [],
  };

  entry(id: StreamId, words: EntryWords): void {
    const fields: [string, string][] = [];
    const text = (at: number) => words.into(at, new Slice()).latin1();
    for (let at = 0; at < words.length; at += 2) fields.push([text(at), text(at + 1)]);
    this.stream.entries.push({ id: textOfId(id), fields });
  }

  facts({ lastId, maxDeletedId, entriesAdded }: StreamFacts): void {
    this.stream.lastId = textOfId(lastId);
    this.stream.maxDeletedId = textOfId(maxDeletedId);
    this.stream.entriesAdded = Number(entriesAdded);
  }

  group(slice: Slice, { lastId, entriesRead }: GroupFacts): boolean {
    const name = slice.latin1();
    if (this.stream.groups.some((each) => each.name === name)) return false;
    const facts = { name, lastId: textOfId(lastId), entriesRead: Number(entriesRead) };
    this.stream.groups.push({ ...facts, pendings: [], consumers: [] });
    return true;
  }

  pending({ id, deliveredAtMs, deliveries }: PendingFacts): boolean {
    const { pendings } = this.lastGroup;
    const text = textOfId(id);
    if (pendings.some((each) => each.id === text)) return false;
    pendings.push({ id: text, deliveredAtMs, deliveries: Number(deliveries), consumer: '' });
    return true;
  }

  consumer(slice: Slice, { seenAtMs }: ConsumerFacts): boolean {
    const { consumers } = this.lastGroup;
    const name = slice.latin1();
    if (consumers.some((each) => each.name === name)) return false;
    consumers.push({ name, seenAtMs });
    return true;
  }

  own(id: StreamId): boolean {
    const { pendings, consumers } = this.lastGroup;
    const pending = pendings.find((each) => each.id === textOfId(id));
    if (pending === undefined || pending.consumer !== '') return false;
    pending.consumer = consumers.at(-1)?.name ?? '';
    return true;
  }

  isUnowned(id: StreamId): boolean {
    const pending = this.lastGroup.pendings.find((each) => each.id === textOfId(id));
    return pending?.consumer === '';
  }

  tracking({ durationS, size }: TrackingLimits): void {
    this.stream.tracking = { ...noTracking, durationS, size, producers: [] };
  }

  message(producer: Slice, message: Slice, id: StreamId): boolean {
    const { producers } = this.stream.tracking ?? noTracking;
    const name = producer.latin1();
    if (!producers.some((each) => each.name === name)) producers.push({ name, messages: [] });
    const messages = producers.find((each) => each.name === name)?.messages ?? [];
    if (messages.some((each) => each.name === message.latin1())) return false;
    messages.push({ name: message.latin1(), id: textOfId(id) });
    return true;
  }

  trackingCounts({ added, duplicates }: TrackingCounts): void {
    const { tracking = noTracking } = this.stream;
    const counts = { added: Number(added), duplicates: Number(duplicates) };
    this.stream.tracking = { ...tracking, ...counts };
  }

  private get lastGroup(): ModelGroup {
    const group = this.stream.groups.at(-1);
    if (group === undefined) throw new Error('no group was begun');
    return group;
  }
}

/** Steps through a list. */
class Steps<T> {
  private readonly all: readonly T[];
  private at = -1;

  constructor(all: readonly T[]) {
    this.all = all;
  }

  next(): boolean {
    return ++this.at < this.all.length;
  }

  get length(): number {
    return this.all.length;
  }

  get now(): T {
    const now = this.all[this.at];
    if (now === undefined) throw new Error('a walker is asked beyond its end');
    return now;
  }
}

export class ModelStreamWalker implements StreamWalker {
  readonly field = new Slice();
  readonly value = new Slice();
  readonly groupName = new Slice();
  readonly consumerName = new Slice();
  private readonly stream: ModelStream;
  private entrySteps: Steps<ModelStream['entries'][number]>;
  private fieldSteps = new Steps<[string, string]>([]);
  private readonly groupSteps: Steps<ModelGroup>;
  private pendingSteps = new Steps<ModelPending>([]);
  private consumerSteps = new Steps<{ readonly name: string; readonly seenAtMs: number }>([]);
  private ownedSteps = new Steps<ModelPending>([]);
  private unownedSteps = new Steps<ModelPending>([]);
  readonly producerName = new Slice();
  readonly messageName = new Slice();
  private readonly producerSteps: Steps<ModelTracking['producers'][number]>;
  private messageSteps = new Steps<ModelMessage>([]);

  constructor(stream: ModelStream) {
    this.stream = stream;
    this.entrySteps = new Steps(stream.entries);
    this.groupSteps = new Steps(stream.groups);
    this.producerSteps = new Steps(stream.tracking?.producers ?? []);
  }

  get length() {
    return this.stream.entries.length;
  }

  get firstId() {
    return idOf(this.stream.entries[0]?.id ?? '0-0');
  }

  get lastId() {
    return idOf(this.stream.lastId);
  }

  get maxDeletedId() {
    return idOf(this.stream.maxDeletedId);
  }

  get entriesAdded() {
    return BigInt(this.stream.entriesAdded);
  }

  nextEntry(): boolean {
    if (!this.entrySteps.next()) return false;
    this.fieldSteps = new Steps(this.entrySteps.now.fields);
    return true;
  }

  rewind(): void {
    this.entrySteps = new Steps(this.stream.entries);
  }

  get id() {
    return idOf(this.entrySteps.now.id);
  }

  nextField(): boolean {
    if (!this.fieldSteps.next()) return false;
    point(this.field, this.fieldSteps.now[0]);
    point(this.value, this.fieldSteps.now[1]);
    return true;
  }

  get groups() {
    return this.stream.groups.length;
  }

  nextGroup(): boolean {
    if (!this.groupSteps.next()) return false;
    const { name, pendings, consumers } = this.groupSteps.now;
    point(this.groupName, name);
    this.pendingSteps = new Steps(pendings);
    this.consumerSteps = new Steps(consumers);
    this.unownedSteps = new Steps(pendings.filter(({ consumer }) => consumer === ''));
    return true;
  }

  get group() {
    const { lastId, entriesRead } = this.groupSteps.now;
    return { lastId: idOf(lastId), entriesRead: BigInt(entriesRead) };
  }

  get pendings() {
    return this.pendingSteps.length;
  }

  nextPending(): boolean {
    return this.pendingSteps.next();
  }

  get pending() {
    const { id, deliveredAtMs, deliveries } = this.pendingSteps.now;
    return { id: idOf(id), deliveredAtMs, deliveries: BigInt(deliveries) };
  }

  get consumers() {
    return this.consumerSteps.length;
  }

  nextConsumer(): boolean {
    if (!this.consumerSteps.next()) return false;
    const { name } = this.consumerSteps.now;
    point(this.consumerName, name);
    const { pendings } = this.groupSteps.now;
    this.ownedSteps = new Steps(pendings.filter(({ consumer }) => consumer === name));
    return true;
  }

  get consumer() {
    const { seenAtMs } = this.consumerSteps.now;
    return { seenAtMs, activeAtMs: seenAtMs };
  }

  get owned() {
    return this.ownedSteps.length;
  }

  nextOwned(): boolean {
    return this.ownedSteps.next();
  }

  get ownedId() {
    return idOf(this.ownedSteps.now.id);
  }

  get unowned() {
    return this.unownedSteps.length;
  }

  nextUnowned(): boolean {
    return this.unownedSteps.next();
  }

  get unownedId() {
    return idOf(this.unownedSteps.now.id);
  }

  get hasUnowned() {
    const { groups } = this.stream;
    return groups.some(({ pendings }) => pendings.some(({ consumer }) => consumer === ''));
  }

  get hasTracking() {
    return this.stream.tracking !== undefined;
  }

  get tracking() {
    const { added, duplicates, ...limits } = this.stream.tracking ?? noTracking;
    return { ...limits, added: BigInt(added), duplicates: BigInt(duplicates) };
  }

  get producers() {
    return this.producerSteps.length;
  }

  nextProducer(): boolean {
    if (!this.producerSteps.next()) return false;
    const { name, messages } = this.producerSteps.now;
    point(this.producerName, name);
    this.messageSteps = new Steps(messages);
    return true;
  }

  get messages() {
    return this.messageSteps.length;
  }

  nextMessage(): boolean {
    if (!this.messageSteps.next()) return false;
    point(this.messageName, this.messageSteps.now.name);
    return true;
  }

  get messageId() {
    return idOf(this.messageSteps.now.id);
  }
}

function point(slice: Slice, text: string): void {
  slice.point(Buffer.from(text, 'latin1'), 0, text.length);
}
