/** The libraries of scripts and their errors, compared with those of a Redis server that runs the same scripts. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Engine } from '#commands/testing/engine.ts';
