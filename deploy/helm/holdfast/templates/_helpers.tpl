{{- define "holdfast.labels" -}}
app.kubernetes.io/name: holdfast
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- /* The names of pods, and what else is of this release alone. */}}
{{- define "holdfast.name" -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" }}
{{- end }}

{{- /* Where members and clients reach the pods, by names that stay. */}}
{{- define "holdfast.domain" -}}
{{- printf "%s-members.%s.svc" (include "holdfast.name" .) .Release.Namespace }}
{{- end }}
