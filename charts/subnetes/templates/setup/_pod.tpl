{{- define "subnetes.setupPod" -}}
metadata:
  labels: {{ include "subnetes.labels" (dict "root" . "part" "setup") | nindent 4 }}
spec:
  restartPolicy: OnFailure
  serviceAccountName: subnetes-setup
  automountServiceAccountToken: true
  securityContext: {{ include "subnetes.podSecurity" (dict "root" .) | nindent 4 }}
  {{- include "subnetes.placement" (dict "root" .) | nindent 2 }}
  containers:
    - name: setup
      image: {{ include "subnetes.image" (dict "root" . "part" "setup") }}
      imagePullPolicy: {{ .Values.images.pullPolicy }}
      env:
        - {name: NAMESPACE, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}
        - {name: LOG_LEVEL, value: {{ .Values.log.level }}}
      securityContext: {{ include "subnetes.containerSecurity" . | nindent 8 }}
      resources: {{ toYaml .Values.setup.resources | nindent 8 }}
{{- end }}
