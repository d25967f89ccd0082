import { describe, expect, test } from 'vitest';
import { librariesOf } from '#image-files.ts';
import { mountsBelow } from '#mounts.ts';
import { identifyProcess, isRunning, parseStartTicks } from '#process-identity.ts';
import { notInstalled } from '#system-packages.ts';

describe('mountinfo', () => {
  const mountinfo = [
    '22 1 254:0 / / rw,relatime - ext4 /dev/vda rw',
    '30 22 0:26 / /run/subnetes-ab/kubelet rw shared:1 - ext4 /dev/vda rw',
    '31 30 0:27 / /run/subnetes-ab/kubelet/pods/1/volumes/v rw - tmpfs tmpfs rw',
    '32 22 0:28 / /run/subnetes-abc/kubelet rw - ext4 /dev/vda rw',
    '33 22 0:29 / /run/subnetes-ab/with\\040space rw - tmpfs tmpfs rw',
    '34 31 0:30 / /run/subnetes-ab/kubelet/pods/1/volumes/v rw - tmpfs tmpfs rw',
    '',
  ].join('\n');

  test('finds what lies at or below a folder, deepest and latest first, and nothing of a folder with a longer name', () => {
    expect(mountsBelow('/run/subnetes-ab', mountinfo)).toEqual([
      '/run/subnetes-ab/kubelet/pods/1/volumes/v',
      '/run/subnetes-ab/kubelet/pods/1/volumes/v',
      '/run/subnetes-ab/with space',
      '/run/subnetes-ab/kubelet',
    ]);
    expect(mountsBelow('/run/subnetes-abc/kubelet', mountinfo)).toEqual(['/run/subnetes-abc/kubelet']);
    expect(mountsBelow('/run/subnetes-zz', mountinfo)).toEqual([]);
  });
});

describe('process identity', () => {
  const stat = (state: string): string =>
    `812 (a) b (c) ${state} 1 812 812 0 -1 4194560 1 0 0 0 1 2 0 0 20 0 11 0 202273 1 1`;

  test('the start time is found behind a name with brackets and spaces; a zombie counts as gone', () => {
    expect(parseStartTicks(stat('S'))).toBe('202273');
    expect(parseStartTicks(stat('Z'))).toBeUndefined();
  });

  test('a process is itself, and not one of the same number that was started at another time', () => {
    const self = identifyProcess(process.pid);
    expect(self).toBeDefined();
    if (self === undefined) return;
    expect(isRunning(self)).toBe(true);
    expect(isRunning({ ...self, startTicks: '1' })).toBe(false);
    expect(isRunning({ ...self, bootId: 'earlier' })).toBe(false);
  });
});

test('packages that are only configured or half installed count as missing', () => {
  const output = 'installed runc\nconfig-files nftables\nhalf-installed buildah\ninstalled containerd\n';
  expect(notInstalled(['runc', 'nftables', 'buildah', 'containerd', 'conntrack'], output)).toEqual([
    'nftables',
    'buildah',
    'conntrack',
  ]);
});

describe('ldd', () => {
  test('names libraries and the loader, not the kernel’s own', () => {
    const output = [
      '\tlinux-vdso.so.1 (0x00007fcd8ce1c000)',
      '\tlibm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x00007fcd8cd26000)',
      '\t/lib64/ld-linux-x86-64.so.2 (0x00007fcd8ce1e000)',
    ].join('\n');
    expect(librariesOf(output)).toEqual(['/lib/x86_64-linux-gnu/libm.so.6', '/lib64/ld-linux-x86-64.so.2']);
  });

  test('a library that is missing stops the build of the image by its name', () => {
    expect(() => librariesOf('\tlibfoo.so.1 => not found')).toThrow('libfoo.so.1');
  });
});
