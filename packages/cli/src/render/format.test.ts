import { describe, expect, test } from '@jest/globals';
import { formatAge, formatCount, formatDuration, formatLeft, formatMoney, plural, truncate } from './format.ts';

const minute = 60_000;

describe('format', () => {
  test.each([
    [-5, '0.0s'],
    [99, '0.0s'],
    [59_999, '59.9s'],
    [60_000, '1m00s'],
    [125_000, '2m05s'],
    [3_600_000, '1h00m'],
    [28_800_000, '8h00m'],
  ])('formatDuration(%d) is %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  test.each([
    [0, 'just now'],
    [minute, '1m ago'],
    [59 * minute, '59m ago'],
    [60 * minute, '1h ago'],
    [47 * 60 * minute, '47h ago'],
    [48 * 60 * minute, '2d ago'],
  ])('formatAge(%d) is %s', (ms, text) => {
    expect(formatAge(ms)).toBe(text);
  });

  test('money, counts and plurals', () => {
    expect([formatMoney(0), formatMoney(0.00014), formatMoney(1), formatMoney(99.999)]).toStrictEqual([
      '$0.0000',
      '$0.0001',
      '$1.00',
      '$100.00',
    ]);
    expect([formatCount(0), formatCount(999), formatCount(1_000), formatCount(1_234_567)]).toStrictEqual([
      '0',
      '999',
      '1,000',
      '1,234,567',
    ]);
    expect([plural(1, 'file'), plural(0, 'file')]).toStrictEqual(['1 file', '0 files']);
  });

  test('truncate() never cuts a character in two', () => {
    expect(truncate('🎉🎉🎉', 3)).toBe('🎉🎉🎉');
    expect(truncate('🎉🎉🎉', 2)).toBe('🎉…');
  });
});

describe('formatLeft()', () => {
  test.each([
    [-5, '0s left'],
    [1, '1s left'],
    [59_001, '1m 00s left'],
    [252_000, '4m 12s left'],
    [3_720_000, '1h 02m left'],
  ])('%d ms', (ms, text) => {
    expect(formatLeft(ms)).toBe(text);
  });
});
