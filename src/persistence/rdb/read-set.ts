/** Reads sets: members one by one, an intset, or a listpack. */
import { rdbType } from './format.ts';
import { Intset } from './intset.ts';
import { Listpack } from './listpack.ts';
import type { PackedRun } from './packed.ts';
import { check, expectSome } from './rdb-error.ts';
import { type RdbReader, readElement } from './reader.ts';
import { TextSlot } from './text-slot.ts';
import type { SetBuilder } from './values.ts';

type SetType = (typeof rdbType)['set' | 'setIntset' | 'setListpack'];

/** Begins a set of about so many members. */
type BeginSet = (expected: number) => SetBuilder;

const twice = 'a set has a member twice';

const slot = new TextSlot();
const memberSlot = new TextSlot();
const intset = new Intset();
const listpack = new Listpack();

export function readSet(reader: RdbReader, type: SetType, begin: BeginSet): void {
  switch (type) {
    case rdbType.set: {
      const members = reader.length();
      expectSome(members);
      const builder = begin(members);
      for (let left = members; left > 0; left--) {
        check(builder.add(readElement(reader, slot)), twice);
      }
      break;
    }
    case rdbType.setIntset:
      addAll(intset.open(reader.string(slot)), begin);
      break;
    case rdbType.setListpack:
      addAll(listpack.open(reader.string(slot)), begin);
      break;
  }
}

function addAll(run: PackedRun, begin: BeginSet): void {
  expectSome(run.count);
  const builder = begin(run.count);
  while (run.next()) check(builder.add(run.textIn(memberSlot)), twice);
}
