import { describe, expect, test } from '@jest/globals';
import { BottomLine, type BottomText } from './bottom-line.ts';

describe('BottomLine', () => {
  const seen: string[] = [];
  const aText = (name: string): BottomText => ({
    hide: () => seen.push(`hide ${name}`),
    show: () => seen.push(`show ${name}`),
  });
  const did = (act: () => void): readonly string[] => {
    seen.length = 0;
    act();
    return [...seen];
  };

  test('shows the last text alone, and writes above it', () => {
    const bottom = new BottomLine();
    const write = (): void => void seen.push('write');

    expect(did(() => bottom.above(write))).toStrictEqual(['write']);
    expect(did(() => bottom.occupy(aText('a')))).toStrictEqual(['show a']);
    expect(did(() => bottom.occupy(aText('b')))).toStrictEqual(['hide a', 'show b']);
    expect(did(() => bottom.above(write))).toStrictEqual(['hide b', 'write', 'show b']);
  });

  test('shows what stood there before when a text leaves, once', () => {
    const bottom = new BottomLine();
    const leaveA = bottom.occupy(aText('a'));
    const leaveB = bottom.occupy(aText('b'));

    expect(did(leaveB)).toStrictEqual(['hide b', 'show a']);
    expect(did(leaveB)).toStrictEqual([]);
    expect(did(leaveA)).toStrictEqual(['hide a']);
  });

  test('lets a text leave from below another', () => {
    const bottom = new BottomLine();
    const leaveA = bottom.occupy(aText('a'));
    const leaveB = bottom.occupy(aText('b'));

    expect(did(leaveA)).toStrictEqual([]);
    expect(did(leaveB)).toStrictEqual(['hide b']);
  });
});
