// One entry for both, since an image holds one.
await(process.argv[2] === 'audit' ? import('./audit-main.ts') : import('./service-main.ts'));
