/** Reference from a child to the object that owns it. */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly OwnerReference[];
}

/** Any object of the API as plain JSON. Typed models would drop fields that they do not know. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

/** One kind of object as the API server addresses it. */
export interface Resource {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

/** `namespace/name`, or `name` for what has no namespace. */
export type Key = string;

export function keyOf(object: { readonly metadata: ObjectMeta }): Key {
  const { namespace, name } = object.metadata;
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** Parts of a key. */
export function splitKey(key: Key): { readonly namespace?: string; readonly name: string } {
  const slash = key.indexOf('/');
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

export function apiVersionOf(resource: Resource): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}

/** `group/version, Kind=kind`, the label value that metrics use. */
export function gvkOf(resource: Resource): string {
  return `${apiVersionOf(resource)}, Kind=${resource.kind}`;
}

/** Path of a collection; without a namespace that of all namespaces. */
export function collectionPath(resource: Resource, namespace?: string): string {
  const root = resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  const scope = resource.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${root}${scope}/${resource.plural}`;
}

/** Path of one object, or of a subresource of it. */
export function objectPath(
  resource: Resource,
  object: { readonly namespace?: string | undefined; readonly name: string },
  subresource?: 'status' | 'scale',
): string {
  const base = `${collectionPath(resource, object.namespace)}/${encodeURIComponent(object.name)}`;
  return subresource === undefined ? base : `${base}/${subresource}`;
}

const builtIn = (group: string, kind: string, plural: string, namespaced = true): Resource => ({
  group,
  version: 'v1',
  kind,
  plural,
  namespaced,
});

/** The kinds of Kubernetes itself that operators commonly touch. */
export const CONFIG_MAPS = builtIn('', 'ConfigMap', 'configmaps');
export const PODS = builtIn('', 'Pod', 'pods');
export const SERVICES = builtIn('', 'Service', 'services');
export const SERVICE_ACCOUNTS = builtIn('', 'ServiceAccount', 'serviceaccounts');
export const NAMESPACES = builtIn('', 'Namespace', 'namespaces', false);
export const DEPLOYMENTS = builtIn('apps', 'Deployment', 'deployments');
export const STATEFUL_SETS = builtIn('apps', 'StatefulSet', 'statefulsets');
export const JOBS = builtIn('batch', 'Job', 'jobs');
export const NETWORK_POLICIES = builtIn('networking.k8s.io', 'NetworkPolicy', 'networkpolicies');
export const DISRUPTION_BUDGETS = builtIn('policy', 'PodDisruptionBudget', 'poddisruptionbudgets');
export const ROLES = builtIn('rbac.authorization.k8s.io', 'Role', 'roles');
export const ROLE_BINDINGS = builtIn('rbac.authorization.k8s.io', 'RoleBinding', 'rolebindings');
export const EVENTS = builtIn('events.k8s.io', 'Event', 'events');
