/** Values as plain JavaScript, with walkers and builders of their own: the formats' tests need no types. */
import type { KeyCursor } from '#keyspace/key-cursor.ts';
import { Slice } from '#memory/slice.ts';
import type { FieldWalker, ScoreWalker, ValueBuilders, ValueWalkers } from '../values.ts';
import { type ModelStream, ModelStreamBuilder, ModelStreamWalker } from './model-streams.ts';

/** Texts are bytes, one character each. */
export type ModelValue =
  | { readonly type: 'string'; text: string }
  | { readonly type: 'list'; readonly elements: string[] }
  | { readonly type: 'set'; readonly members: Set<string> }
  | { readonly type: 'zset'; readonly scores: Map<string, number> }
  | { readonly type: 'hash'; readonly fields: Map<string, ModelField> }
  | ModelStream;

export interface ModelField {
  readonly value: string;
  readonly expireAtMs: number;
}

/** Builders of one value, which is `value` afterwards. */
export class ModelBuilders implements ValueBuilders {
  value: ModelValue | undefined;

  string(_: KeyCursor, text: Slice): void {
    this.value = { type: 'string', text: text.latin1() };
  }

  list() {
    const elements: string[] = [];
    this.value = { type: 'list', elements };
    return { add: (element: Slice) => void elements.push(element.latin1()) };
  }

  set() {
    const members = new Set<string>();
    this.value = { type: 'set', members };
    return {
      add: (member: Slice) => members.size < members.add(member.latin1()).size,
    };
  }

  zset() {
    const scores = new Map<string, number>();
    this.value = { type: 'zset', scores };
    return {
      add: (member: Slice, score: number) => scores.size < scores.set(member.latin1(), score).size,
    };
  }

  hash() {
    const fields = new Map<string, ModelField>();
    this.value = { type: 'hash', fields };
    return {
      add: (field: Slice, value: Slice, expireAtMs: number) =>
        fields.size < fields.set(field.latin1(), { value: value.latin1(), expireAtMs }).size,
    };
  }

  stream() {
    const builder = new ModelStreamBuilder();
    this.value = builder.stream;
    return builder;
  }
}

const noStream = new ModelStreamBuilder().stream;

/** Walkers over one value, whatever the cursor is at. */
export function walkersOf(value: ModelValue, isCompact: boolean): ValueWalkers {
  return {
    list: () => walkElements(value.type === 'list' ? value.elements : [], isCompact),
    set: () => walkElements(value.type === 'set' ? [...value.members] : [], isCompact),
    zset: () => walkScores(value.type === 'zset' ? value.scores : new Map(), isCompact),
    hash: () => walkFields(value.type === 'hash' ? value.fields : new Map(), isCompact),
    stream: () => new ModelStreamWalker(value.type === 'stream' ? value : noStream),
  };
}

function walkElements(elements: readonly string[], isCompact: boolean) {
  const element = new Slice();
  let at = 0;
  return {
    count: elements.length,
    isCompact,
    element,
    next: () => at < elements.length && point(element, elements[at++]),
  };
}

function walkScores(scores: ReadonlyMap<string, number>, isCompact: boolean): ScoreWalker {
  const ordered = [...scores].sort(
    ([a, x], [b, y]) => x - y || Buffer.compare(bytesOf(a), bytesOf(b)),
  );
  const element = new Slice();
  let at = -1;
  return {
    count: scores.size,
    isCompact,
    element,
    get score() {
      return ordered[at]?.[1] ?? Number.NaN;
    },
    next: () => ++at < ordered.length && point(element, ordered[at]?.[0]),
  };
}

function walkFields(fields: ReadonlyMap<string, ModelField>, isCompact: boolean): FieldWalker {
  const all = [...fields];
  const field = new Slice();
  const value = new Slice();
  const times = all.map(([, { expireAtMs }]) => expireAtMs).filter((atMs) => atMs !== 0);
  let at = -1;
  return {
    count: fields.size,
    isCompact,
    field,
    value,
    firstExpireAtMs: times.length === 0 ? 0 : Math.min(...times),
    get expireAtMs() {
      return all[at]?.[1].expireAtMs ?? 0;
    },
    next: () => ++at < all.length && point(field, all[at]?.[0]) && point(value, all[at]?.[1].value),
  };
}

function point(slice: Slice, text = ''): true {
  slice.point(bytesOf(text), 0, text.length);
  return true;
}

function bytesOf(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}
