import tseslint from 'typescript-eslint';

const FORBIDDEN_SYNTAX = [
  { selector: 'ExportAllDeclaration', message: 'No barrel files: import from the file that defines the name.' },
  { selector: 'TSEnumDeclaration', message: 'Use a union of string literals.' },
];

/** House rules that the compiler cannot state. Layers and cycles are checked by `scripts/layers.ts`. */
export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'test/fixtures', 'scripts/*.mjs', 'experiments', 'campaigns'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true, named: true, defaultFrom: true } }],
      'no-restricted-syntax': ['error', ...FORBIDDEN_SYNTAX],
      'no-console': 'error',
      eqeqeq: 'error',
      'prefer-const': 'error',
      'max-lines-per-function': ['error', { max: 100, skipBlankLines: true, skipComments: true }],
    },
  },
  { files: ['scripts/**', 'bench/**', 'test/**'], rules: { 'no-console': 'off' } },
  {
    files: ['src/**', 'tools/**'],
    ignores: ['src/render/**', 'src/importers/**', 'src/registry/float-text.ts', 'src/hardware/speed-of-light.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...FORBIDDEN_SYNTAX,
        {
          selector: 'MemberExpression[property.name=/^(toFixed|toPrecision|toExponential|toLocaleString)$/]',
          message: 'Numbers are formatted by src/render/numbers.ts.',
        },
      ],
    },
  },
  { files: ['test/**'], rules: { 'max-lines-per-function': 'off' } },
  { files: ['**/*.config.ts', '*.config.js'], rules: { 'no-restricted-exports': 'off' } },
);
