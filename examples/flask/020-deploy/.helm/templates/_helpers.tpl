{{- /* What the pods are selected by: the same lines in the Deployment and in the Service. */ -}}
{{- define "app.labels" -}}
app: {{ .Chart.Name }}
component: app
{{- end -}}

{{- /* The value for this environment, or the one named _default: include "app.forEnv" (list . .Values.app.replicas) */ -}}
{{- define "app.forEnv" -}}
{{- $root := index . 0 -}}
{{- $values := index . 1 -}}
{{- pluck $root.Values.global.env $values | first | default $values._default -}}
{{- end -}}
