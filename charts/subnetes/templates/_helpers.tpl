{{/* Labels of every object. Call with (dict "root" $ "part" "ledger"). */}}
{{- define "subnetes.labels" -}}
{{ include "subnetes.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: subnetes
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{/* What selects a part's pods; it never changes over versions. */}}
{{- define "subnetes.selector" -}}
app.kubernetes.io/name: subnetes
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end }}

{{- define "subnetes.image" -}}
{{ printf "%s/subnetes/%s:%s" .root.Values.images.registry .part (.root.Values.images.tag | default .root.Chart.AppVersion) }}
{{- end }}

{{- define "subnetes.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "subnetes.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{/* Where a part finds its certificate, and whom it believes. */}}
{{- define "subnetes.tlsEnv" -}}
- {name: TLS_CA_FILE, value: /etc/subnetes/tls/ca.crt}
- {name: TLS_CERT_FILE, value: /etc/subnetes/tls/tls.crt}
- {name: TLS_KEY_FILE, value: /etc/subnetes/tls/tls.key}
{{- end }}

{{- define "subnetes.tlsMount" -}}
- {name: tls, mountPath: /etc/subnetes/tls, readOnly: true}
{{- end }}

{{- define "subnetes.tlsVolume" -}}
- name: tls
  secret: {secretName: {{ printf "subnetes-%s-tls" .part }}, defaultMode: 0440}
{{- end }}

{{- define "subnetes.databaseUrl" -}}
{{ (index .root.Values .values).databaseUrl | default (printf "postgres://%s@postgres.%s.svc:5432/%s" .part .root.Release.Namespace .part) }}
{{- end }}

{{- define "subnetes.databaseEnv" -}}
- {name: DATABASE_URL, value: {{ include "subnetes.databaseUrl" . | quote }}}
- {name: DATABASE_PASSWORD_FILE, value: /etc/subnetes/database/password}
- {name: DATABASE_CA_FILE, value: /etc/subnetes/tls/ca.crt}
{{- end }}

{{- define "subnetes.databaseMount" -}}
- {name: database, mountPath: /etc/subnetes/database, readOnly: true}
{{- end }}

{{- define "subnetes.databaseVolume" -}}
- name: database
  secret: {secretName: {{ printf "subnetes-database-%s" .part }}, defaultMode: 0440}
{{- end }}

{{- define "subnetes.natsUrl" -}}
{{ .root.Values.nats.url | default (printf "tls://nats.%s.svc:4222" .root.Release.Namespace) }}
{{- end }}

{{/* What every process of ours is told. */}}
{{- define "subnetes.commonEnv" -}}
- {name: LOG_LEVEL, value: {{ .root.Values.log.level }}}
- name: NODE_OPTIONS
  value: {{ printf "--max-old-space-size=%v --max-semi-space-size=%v --expose-gc" (.heapMib | default 160) (.semiSpaceMib | default 1) | quote }}
{{- with .root.Values.tracing.otlpEndpoint }}
- {name: OTEL_EXPORTER_OTLP_ENDPOINT, value: {{ . | quote }}}
- {name: OTEL_SERVICE_NAME, value: {{ printf "subnetes-%s" $.part }}}
{{- end }}
{{- end }}

{{/* Whose signatures count; the release's own witness has a key that is known only once setup has made it. */}}
{{- define "subnetes.witnessKeysEnv" -}}
{{- $keys := .Values.witnesses.keys -}}
{{- $count := add (len $keys) (ternary 1 0 .Values.witness.enabled) -}}
{{- if gt (int .Values.witnesses.required) (int $count) }}
{{- fail (printf "witnesses.required is %v, but only %v keys can sign: add to witnesses.keys or enable the witness" .Values.witnesses.required $count) }}
{{- end }}
{{- if gt (int $count) 16 }}
{{- fail "witnesses.keys and the release's own witness are more than 16 keys" }}
{{- end }}
{{- if .Values.witness.enabled }}
- name: WITNESS_OWN_KEY
  valueFrom: {configMapKeyRef: {name: subnetes-witness-identity, key: public-key}}
- {name: WITNESS_KEYS, value: {{ join "," (append $keys "$(WITNESS_OWN_KEY)") | quote }}}
{{- else if $keys }}
- {name: WITNESS_KEYS, value: {{ join "," $keys | quote }}}
{{- end }}
{{- end }}

{{/* The port of a URL, all that a NetworkPolicy can name of a host outside. */}}
{{- define "subnetes.portOfUrl" -}}
{{- $url := urlParse . -}}
{{- regexFind ":[0-9]+$" $url.host | trimPrefix ":" | default (ternary "443" "80" (eq $url.scheme "https")) -}}
{{- end }}

{{- define "subnetes.probes" -}}
startupProbe:
  httpGet: {path: /readyz, port: health}
  periodSeconds: 1
  failureThreshold: 120
readinessProbe:
  httpGet: {path: /readyz, port: health}
  periodSeconds: 2
  failureThreshold: 3
livenessProbe:
  httpGet: {path: /healthz, port: health}
  periodSeconds: 10
  failureThreshold: 6
{{- end }}

{{- define "subnetes.placement" -}}
{{- with .root.Values.nodeSelector }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.tolerations }}
tolerations: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.images.pullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
enableServiceLinks: false
{{- end }}
