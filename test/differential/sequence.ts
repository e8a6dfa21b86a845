/**
 * From a seed to a sequence: which protocol, which steps, cut into which pipelined chunks.
 *
 * The seed decides everything, so a failing sequence is replayed by its number. Besides what the families
 * draw, a few commands are damaged on the way (an argument dropped, added, replaced, a word's case changed):
 * arity and syntax errors of every command come from here, not from each family.
 */
import type { Argument, Protocol } from '../kit/resp-client.ts';
import { Draw } from './draw.ts';
import type { Exchange, Family, Part, Step } from './family.ts';

const damagedShare = 0.04;
const chunkStepsMax = 40;
const endingShare = 0.1;

/** Words that no damaged command can take for a TTL that runs out during a test. */
const damagingWords: readonly Argument[] = [
  '',
  'abc',
  'NX',
  'xx',
  'GET',
  '0',
  '-1',
  '1.5',
  '9223372036854775808',
  Buffer.from([0xff]),
];

/** Everything that is sent for one seed. */
export interface Sequence {
  readonly seed: number;
  readonly protocol: Protocol;
  /** Steps by pipelined chunk; each chunk is one write. */
  readonly chunks: readonly (readonly Step[])[];
}

/** Draws the sequence of a seed. Even seeds speak RESP2, odd ones RESP3. */
export function sequenceOf(seed: number, families: readonly Family[], stepCount: number): Sequence {
  const draw = new Draw(seed);
  const steps: Step[] = [];
  while (steps.length < stepCount) {
    const family = draw.pickWeighted(families);
    const generator = draw.pickWeighted(family.generators);
    const step = generator.draw(draw);
    const isDamaged = draw.chance(damagedShare) && generator.intact !== true;
    steps.push(isDamaged ? damagedStep(draw, step) : step);
  }
  const endings = families.flatMap((family) => family.endings ?? []);
  if (endings.length > 0 && draw.chance(endingShare)) {
    steps.push(draw.pickWeighted(endings).draw(draw));
  }
  return { seed, protocol: seed % 2 === 0 ? 2 : 3, chunks: inChunks(draw, steps) };
}

function inChunks(draw: Draw, steps: readonly Step[]): Step[][] {
  const chunks: Step[][] = [];
  for (let start = 0; start < steps.length; ) {
    const end = start + draw.integer(1, chunkStepsMax);
    chunks.push(steps.slice(start, end));
    start = end;
  }
  return chunks;
}

/** Only single commands are damaged: steps of several rely on each of them. */
function damagedStep(draw: Draw, step: Step): Step {
  const [part] = step;
  if (step.length !== 1 || part === undefined || part.kind !== 'exchange') return step;
  return [damaged(draw, part)];
}

function damaged(draw: Draw, part: Exchange): Part {
  const command = [...part.command];
  const place = draw.integer(1, Math.max(1, command.length - 1));
  const drawn = draw.pick(damagingWords);
  const word = typeof drawn === 'string' ? Buffer.from(drawn) : drawn;
  switch (draw.integer(0, 4)) {
    case 0:
      if (command.length > 1) command.pop();
      break;
    case 1:
      if (command.length > 1) command.splice(place, 1);
      break;
    case 2:
      command.push(word);
      break;
    case 3:
      command.splice(place, command.length > 1 ? 1 : 0, word);
      break;
    default:
      command.splice(place, 0, word);
  }
  return { ...part, command };
}
