/** An API object with the collection it lives in. */
export type AddonObject = {
  /** For example `/api/v1/namespaces/kube-system/services`. */
  readonly collection: string;
  readonly object: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: { readonly name: string; readonly namespace?: string };
  };
};
