import { expect, test } from 'vitest';
import { comparisonIdPath, ownPath, runPath, slugPath } from './paths.js';

test.each([
  '//evil.com',
  '//a//evil.com/',
  '/.//evil.com/',
  '/\\evil.com',
  '/\t/evil.com',
  '/%09/evil.com',
  'https://evil.com/runs',
  'javascript:alert(1)',
  '/elsewhere',
  '',
  'http://[',
])('%j leads to the first page', (asked) => {
  expect(ownPath(asked)).toBe('/');
});

test.each([
  ['/runs', '/runs'],
  ['/compare/a-vs-b?v=x-1', '/compare/a-vs-b?v=x-1'],
  ['/runs/a%20b', '/runs/a%20b'],
  ['/models/../runs', '/runs'],
])('%s is a page', (asked, path) => {
  expect(ownPath(asked)).toBe(path);
});

test('ids of any letters are encoded', () => {
  expect(runPath('50% off #1?', '/stop')).toBe('/runs/50%25%20off%20%231%3F/stop');
  expect(comparisonIdPath('ä/b')).toBe('/comparisons/%C3%A4%2Fb');
  expect(slugPath('a-vs-b', undefined)).toBe('/compare/a-vs-b');
});
