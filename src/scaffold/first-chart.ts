/**
 * The files of a first chart, in the order in which they are written. Names, values and what the templates give are
 * those of `helm create`, so that what is said and written about its charts holds for these.
 */
export const FIRST_CHART: readonly (readonly [path: string, text: string])[] = [
  [
    "Chart.yaml",
    `apiVersion: v2
name: <CHARTNAME>
description: A Helm chart for Kubernetes

# An application can be installed. A library only has named templates, for charts that depend on it.
type: application

# Raise this with every change of the chart, by the rules of https://semver.org.
version: 0.1.0

# What is installed. Its maker chooses the form, so keep the quotes: 1.10 would be the number 1.1.
appVersion: "1.16.0"
`,
  ],
  [
    "values.yaml",
    `# What <CHARTNAME> is installed with unless -f or --set say otherwise.

# Pods at a time; autoscaling below takes over when it is enabled.
replicaCount: 1

image:
  repository: nginx
  pullPolicy: IfNotPresent
  # Empty for the appVersion of Chart.yaml.
  tag: ""

# Names of Secrets with registry logins, as [{name: my-registry}].
imagePullSecrets: []

# Other names for the objects: the part that the chart gives, or all of it.
nameOverride: ""
fullnameOverride: ""

serviceAccount:
  # Make one; otherwise the pods use the one named here, or the namespace's own.
  create: true
  # Put its token into the pods.
  automount: true
  annotations: {}
  # Empty for the full name.
  name: ""

podAnnotations: {}
podLabels: {}

# For the whole pod, such as fsGroup: 2000.
podSecurityContext: {}

# For the container. A good start is:
#   runAsNonRoot: true
#   readOnlyRootFilesystem: true
#   capabilities: {drop: [ALL]}
securityContext: {}

service:
  type: ClusterIP
  # Of the Service, and of the container behind it.
  port: 80

ingress:
  enabled: false
  # Empty for the cluster's default class.
  className: ""
  annotations: {}
  hosts:
    - host: chart-example.local
      paths:
        - path: /
          pathType: ImplementationSpecific
  # As [{secretName: example-tls, hosts: [chart-example.local]}].
  tls: []

# The Gateway API's way in, for clusters that have it: https://gateway-api.sigs.k8s.io
httpRoute:
  enabled: false
  annotations: {}
  # Gateways to be reached through.
  parentRefs:
    - name: gateway
      sectionName: http
  hostnames:
    - chart-example.local
  # Each may have filters too.
  rules:
    - matches:
        - path:
            type: PathPrefix
            value: /headers

# Such as {requests: {cpu: 100m, memory: 128Mi}, limits: {memory: 128Mi}}; what fits depends on the cluster.
resources: {}

# Restarted when this fails.
livenessProbe:
  httpGet:
    path: /
    port: http
# Given no traffic while this fails.
readinessProbe:
  httpGet:
    path: /
    port: http

autoscaling:
  enabled: false
  minReplicas: 1
  maxReplicas: 100
  targetCPUUtilizationPercentage: 80
  # targetMemoryUtilizationPercentage: 80

# Volumes of the pod, and where the container sees them.
volumes: []
volumeMounts: []

# Where pods may run.
nodeSelector: {}
tolerations: []
affinity: {}
`,
  ],
  [
    ".helmignore",
    `# What is no part of the chart, one pattern a line: *.md, docs/, !docs/keep.md
.git/
.gitignore
.hg/
.hgignore
.svn/
.bzr/
.bzrignore

.idea/
.vscode/
.project
*.tmproj

*~
*.bak
*.orig
*.swp
*.tmp
.DS_Store
`,
  ],
  [
    "templates/ingress.yaml",
    `{{- with .Values.ingress }}
{{- if .enabled -}}
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {{ include "<CHARTNAME>.fullname" $ }}
  labels:
    {{- include "<CHARTNAME>.labels" $ | nindent 4 }}
  {{- with .annotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- with .className }}
  ingressClassName: {{ . }}
  {{- end }}
  {{- with .tls }}
  tls:
    {{- range . }}
    - hosts:
        {{- range .hosts }}
        - {{ quote . }}
        {{- end }}
      secretName: {{ .secretName }}
    {{- end }}
  {{- end }}
  rules:
    {{- range .hosts }}
    - host: {{ quote .host }}
      http:
        paths:
          {{- range .paths }}
          - path: {{ .path }}
            {{- if .pathType }}
            pathType: {{ .pathType }}
            {{- end }}
            backend:
              service:
                name: {{ include "<CHARTNAME>.fullname" $ }}
                port:
                  number: {{ $.Values.service.port }}
          {{- end }}
    {{- end }}
{{- end }}
{{- end }}
`,
  ],
  [
    "templates/httproute.yaml",
    `{{- with .Values.httpRoute }}
{{- if .enabled -}}
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: {{ include "<CHARTNAME>.fullname" $ }}
  labels:
    {{- include "<CHARTNAME>.labels" $ | nindent 4 }}
  {{- with .annotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  parentRefs:
    {{- with .parentRefs }}{{ toYaml . | nindent 4 }}{{ end }}
  {{- with .hostnames }}
  hostnames: {{- toYaml . | nindent 4 }}
  {{- end }}
  rules:
    {{- range .rules }}
    {{- if .matches }}
    - matches: {{- toYaml .matches | nindent 8 }}
    {{- end }}
    {{- if .filters }}
      filters: {{- toYaml .filters | nindent 8 }}
    {{- end }}
      backendRefs:
        - name: {{ include "<CHARTNAME>.fullname" $ }}
          port: {{ $.Values.service.port }}
          weight: 1
    {{- end }}
{{- end }}
{{- end }}
`,
  ],
  [
    "templates/deployment.yaml",
    `{{- $own := .Values -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "<CHARTNAME>.fullname" . }}
  labels:
    {{- include "<CHARTNAME>.labels" . | nindent 4 }}
spec:
  {{- /* An autoscaler keeps the number itself. */}}
  {{- if not $own.autoscaling.enabled }}
  replicas: {{ $own.replicaCount }}
  {{- end }}
  selector:
    matchLabels:
      {{- include "<CHARTNAME>.selectorLabels" . | nindent 6 }}
  template:
    metadata:
      {{- with $own.podAnnotations }}
      annotations: {{- toYaml . | nindent 8 }}
      {{- end }}
      labels:
        {{- include "<CHARTNAME>.labels" . | nindent 8 }}
        {{- with $own.podLabels }}{{ toYaml . | nindent 8 }}{{ end }}
    spec:
      {{- with $own.imagePullSecrets }}
      imagePullSecrets: {{- toYaml . | nindent 8 }}
      {{- end }}
      serviceAccountName: {{ include "<CHARTNAME>.serviceAccountName" . }}
      {{- with $own.podSecurityContext }}
      securityContext: {{- toYaml . | nindent 8 }}
      {{- end }}
      containers:
        - name: {{ .Chart.Name }}
          {{- with $own.securityContext }}
          securityContext: {{- toYaml . | nindent 12 }}
          {{- end }}
          {{- with $own.image }}
          image: "{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}"
          imagePullPolicy: {{ .pullPolicy }}
          {{- end }}
          ports:
            - name: http
              containerPort: {{ $own.service.port }}
              protocol: TCP
          {{- range list "livenessProbe" "readinessProbe" "resources" "volumeMounts" }}
          {{- if get $own . }}
          {{ . }}: {{- get $own . | toYaml | nindent 12 }}
          {{- end }}
          {{- end }}
      {{- range list "volumes" "nodeSelector" "affinity" "tolerations" }}
      {{- if get $own . }}
      {{ . }}: {{- get $own . | toYaml | nindent 8 }}
      {{- end }}
      {{- end }}
`,
  ],
  [
    "templates/service.yaml",
    `apiVersion: v1
kind: Service
metadata:
  name: {{ include "<CHARTNAME>.fullname" . }}
  labels:
    {{- include "<CHARTNAME>.labels" . | nindent 4 }}
spec:
  {{- with .Values.service }}
  type: {{ .type }}
  ports:
    - port: {{ .port }}
      targetPort: http
      protocol: TCP
      name: http
  {{- end }}
  selector:
    {{- include "<CHARTNAME>.selectorLabels" . | nindent 4 }}
`,
  ],
  [
    "templates/serviceaccount.yaml",
    `{{- with .Values.serviceAccount }}
{{- if .create -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "<CHARTNAME>.serviceAccountName" $ }}
  labels:
    {{- include "<CHARTNAME>.labels" $ | nindent 4 }}
  {{- with .annotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
automountServiceAccountToken: {{ .automount }}
{{- end }}
{{- end }}
`,
  ],
  [
    "templates/hpa.yaml",
    `{{- with .Values.autoscaling }}
{{- if .enabled -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ include "<CHARTNAME>.fullname" $ }}
  labels:
    {{- include "<CHARTNAME>.labels" $ | nindent 4 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ include "<CHARTNAME>.fullname" $ }}
  minReplicas: {{ .minReplicas }}
  maxReplicas: {{ .maxReplicas }}
  metrics:
    {{- $targets := dict "cpu" .targetCPUUtilizationPercentage "memory" .targetMemoryUtilizationPercentage }}
    {{- range $resource, $percentage := $targets }}
    {{- if $percentage }}
    - type: Resource
      resource:
        name: {{ $resource }}
        target:
          type: Utilization
          averageUtilization: {{ $percentage }}
    {{- end }}
    {{- end }}
{{- end }}
{{- end }}
`,
  ],
  [
    "templates/NOTES.txt",
    `{{- $full := include "<CHARTNAME>.fullname" . -}}
{{- $service := .Values.service -}}
{{- $space := .Release.Namespace -}}
{{ .Release.Name }} is in namespace {{ $space }}. To reach it:
{{ if .Values.httpRoute.enabled }}
{{- with .Values.httpRoute }}
{{- $gateway := first .parentRefs | default dict }}
{{- $gatewaySpace := $gateway.namespace | default $space }}
{{- if .hostnames }}
  HOST={{ first .hostnames }}
{{- else }}
  HOST=$(kubectl get -n {{ $gatewaySpace }} gateway/{{ $gateway.name }} -o jsonpath='{.spec.listeners[0].hostname}')
{{- end }}
{{- range .rules }}
{{- range .matches }}
  echo "http://$HOST{{ with .path }}{{ .value }}{{ end }}"
{{- end }}
{{- end }}

What the Gateway listens to decides about port and TLS:

  kubectl get -n {{ $gatewaySpace }} gateway/{{ $gateway.name }} -o yaml
{{- end }}
{{- else if .Values.ingress.enabled }}
{{- $scheme := ternary "https" "http" (not (empty .Values.ingress.tls)) }}
{{- range $rule := .Values.ingress.hosts }}
{{- range .paths }}
  {{ $scheme }}://{{ $rule.host }}{{ .path }}
{{- end }}
{{- end }}
{{- else if eq $service.type "NodePort" }}
  NODE=$(kubectl get nodes -o jsonpath='{.items[0].status.addresses[0].address}')
  PORT=$(kubectl get -n {{ $space }} service/{{ $full }} -o jsonpath='{.spec.ports[0].nodePort}')
  echo "http://$NODE:$PORT"
{{- else if eq $service.type "LoadBalancer" }}
  kubectl get -n {{ $space }} service/{{ $full }} --watch    # until EXTERNAL-IP is there
  echo "http://$(kubectl get -n {{ $space }} service/{{ $full }} -o jsonpath='{.status.loadBalancer.ingress[0].ip}'):{{ $service.port }}"
{{- else }}
  kubectl port-forward -n {{ $space }} service/{{ $full }} 8080:{{ $service.port }}

and, while that runs, http://127.0.0.1:8080
{{- end }}
`,
  ],
  [
    "templates/_helpers.tpl",
    `{{/* What the objects are called after: the chart, or nameOverride. */}}
{{- define "<CHARTNAME>.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/*
The name of an object: release and name, or the release alone where it has the name in it already.
A DNS label has 63 characters at most.
*/}}
{{- define "<CHARTNAME>.fullname" -}}
{{- $name := .Values.nameOverride | default .Chart.Name }}
{{- $both := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) }}
{{- .Values.fullnameOverride | default $both | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* Chart and version in the letters that a label may have. */}}
{{- define "<CHARTNAME>.chart" -}}
{{- print .Chart.Name "-" .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* What every object is marked with. */}}
{{- define "<CHARTNAME>.labels" -}}
helm.sh/chart: {{ include "<CHARTNAME>.chart" . }}
{{ include "<CHARTNAME>.selectorLabels" . }}
{{- with .Chart.AppVersion }}
app.kubernetes.io/version: {{ quote . }}
{{- end }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* What pods are found by; of a Deployment that exists it cannot be changed. */}}
{{- define "<CHARTNAME>.selectorLabels" -}}
app.kubernetes.io/name: {{ include "<CHARTNAME>.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* The account that pods run as. */}}
{{- define "<CHARTNAME>.serviceAccountName" -}}
{{- $usual := ternary (include "<CHARTNAME>.fullname" .) "default" .Values.serviceAccount.create }}
{{- .Values.serviceAccount.name | default $usual }}
{{- end }}
`,
  ],
  [
    "templates/tests/test-connection.yaml",
    `{{- $full := include "<CHARTNAME>.fullname" . -}}
apiVersion: v1
kind: Pod
metadata:
  name: "{{ $full }}-test-connection"
  labels:
    {{- include "<CHARTNAME>.labels" . | nindent 4 }}
  annotations:
    "helm.sh/hook": test
spec:
  containers:
    - name: wget
      image: busybox
      command: ['wget']
      args: ['{{ $full }}:{{ .Values.service.port }}']
  restartPolicy: Never
`,
  ],
];
