// One entry for all, since an image holds one.
const programs = {
  audit: () => import('./audit-main.ts'),
  archive: () => import('./archive-main.ts'),
};
const asked = process.argv[2];
await(asked === 'audit' || asked === 'archive' ? programs[asked]() : import('./service-main.ts'));
