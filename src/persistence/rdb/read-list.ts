/** Reads lists: elements one by one, a ziplist, or the nodes of a quicklist. */
import { listNode, rdbType } from './format.ts';
import { Listpack } from './listpack.ts';
import type { PackedRun } from './packed.ts';
import { check, expectSome } from './rdb-error.ts';
import { type RdbReader, readElement } from './reader.ts';
import { TextSlot } from './text-slot.ts';
import type { ListBuilder } from './values.ts';
import { Ziplist } from './ziplist.ts';

type ListType = (typeof rdbType)['list' | 'listZiplist' | 'listOfZiplists' | 'listOfListpacks'];

const slot = new TextSlot();
const elementSlot = new TextSlot();
const listpack = new Listpack();
const ziplist = new Ziplist();

export function readList(reader: RdbReader, type: ListType, builder: ListBuilder): void {
  let elements = 0;
  switch (type) {
    case rdbType.list:
      elements = reader.length();
      for (let left = elements; left > 0; left--) builder.add(readElement(reader, slot));
      break;
    case rdbType.listZiplist:
      elements = addAll(ziplist.open(reader.string(slot)), builder);
      break;
    case rdbType.listOfZiplists:
      for (let left = reader.length(); left > 0; left--) {
        elements += addAll(ziplist.open(reader.string(slot)), builder);
      }
      break;
    case rdbType.listOfListpacks:
      for (let left = reader.length(); left > 0; left--) elements += readNode(reader, builder);
      break;
  }
  expectSome(elements);
}

/** Returns how many elements the node has. */
function readNode(reader: RdbReader, builder: ListBuilder): number {
  const form = reader.length();
  if (form === listNode.plain) {
    builder.add(readElement(reader, slot));
    return 1;
  }
  check(form === listNode.packed, 'a node of a list has an unknown form');
  return addAll(listpack.open(reader.string(slot)), builder);
}

function addAll(run: PackedRun, builder: ListBuilder): number {
  while (run.next()) builder.add(run.textIn(elementSlot));
  return run.count;
}
