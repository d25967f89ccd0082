/** The uid and gid that our images run as; it has an entry in their /etc/passwd. */
export const IMAGE_USER = 65_532;

/** What Pod Security "restricted" asks of a pod. */
export const RESTRICTED_POD = {
  securityContext: {
    runAsNonRoot: true,
    runAsUser: IMAGE_USER,
    runAsGroup: IMAGE_USER,
    fsGroup: IMAGE_USER,
    seccompProfile: { type: 'RuntimeDefault' },
  },
} as const;

/** What Pod Security "restricted" asks of a container, and a root that cannot be written. */
export const RESTRICTED_CONTAINER = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
} as const;
