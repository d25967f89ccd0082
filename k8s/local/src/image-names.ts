/** The version of everything that is built here; images carry it as their tag. */
export const PRODUCT_VERSION = '0.1.0';

/** Locally there is no registry: the name says so, and no pull of it can ever leave the machine. */
export const LOCAL_REGISTRY = 'localhost';

/** `<registry>/subnetes/<part>:<version>`: how charts and the node's containerd name an image. */
export function imageName(part: string, version: string = PRODUCT_VERSION, registry: string = LOCAL_REGISTRY): string {
  return `${registry}/subnetes/${part}:${version}`;
}

/** The image of every pod's first process; containerd's configuration names it. */
export const PAUSE_IMAGE = imageName('pause', '1');
