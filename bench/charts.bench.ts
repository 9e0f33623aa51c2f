import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { compare, execute, node, root, slipway, type Case } from "./harness.ts";

/** `helm template` of charts of four shapes, against the real helm. */
export async function benchCharts(helm: string, scratch: string): Promise<void> {
  const charts: Readonly<Record<string, { readonly path: string; readonly aim: number }>> = {
    "the Flask example": { path: example(join(scratch, "example")), aim: 1 },
    "small chart": { path: smallChart(join(scratch, "small")), aim: 1 },
    "umbrella of 100 subcharts": { path: umbrella(join(scratch, "umbrella")), aim: 0.33 },
    "1,000 objects": { path: manyObjects(join(scratch, "objects")), aim: 1 },
    "5,000 tpl and include calls": { path: manyCalls(join(scratch, "calls")), aim: 0.33 },
  };
  const cases = Object.entries(charts).map(([name, { path, aim }]): Case => ({
    name,
    aim,
    rounds: 7,
    slipway: { label: "slipway", run: () => execute(node, [slipway, "helm", "template", "bench", path]) },
    peer: { label: "helm", run: () => execute(helm, ["template", "bench", path]) },
  }));
  await compare("helm template", cases);
}

function put(directory: string, files: Readonly<Record<string, string>>): string {
  for (const [name, text] of Object.entries(files)) {
    const path = join(directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  return directory;
}

const HELPERS = `{{- define "NAME.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end -}}
{{- define "NAME.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}{{ .Release.Name }}{{- else -}}{{ printf "%s-%s" .Release.Name $name | trunc 63 }}{{- end -}}
{{- end -}}
`;

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "NAME.fullname" . }}
  labels: {{- include "NAME.labels" . | nindent 4 }}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: {{ .Chart.Name }}}}
  template:
    metadata: {labels: {app: {{ .Chart.Name }}}}
    spec:
      containers:
        - name: app
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
          resources: {{- toYaml .Values.resources | nindent 12 }}
          env:
          {{- range $key, $value := .Values.env }}
            - {name: {{ $key | upper }}, value: {{ $value | quote }}}
          {{- end }}
`;

const SERVICE = `apiVersion: v1
kind: Service
metadata:
  name: {{ include "NAME.fullname" . }}
  labels: {{- include "NAME.labels" . | nindent 4 }}
spec:
  selector: {app: {{ .Chart.Name }}}
  ports: [{port: {{ .Values.port }}}]
`;

const VALUES = `replicas: 2
port: 8080
image: {repository: registry.example.com/app, tag: ""}
resources: {limits: {cpu: 100m, memory: 128Mi}, requests: {cpu: 50m, memory: 64Mi}}
env: {one: "1", two: "2", three: "3"}
`;

function chartFiles(name: string): Record<string, string> {
  return {
    "Chart.yaml": `apiVersion: v2\nname: ${name}\nversion: 0.1.0\nappVersion: "1.0"\n`,
    "values.yaml": VALUES,
    "templates/_helpers.tpl": HELPERS.replaceAll("NAME", name),
    "templates/deployment.yaml": DEPLOYMENT.replaceAll("NAME", name),
    "templates/service.yaml": SERVICE.replaceAll("NAME", name),
  };
}

/** The example's own chart; what werf gives it (metadata, helpers) stands beside it, so that helm can render it too. */
function example(path: string): string {
  cpSync(join(root, "examples/flask/020-deploy/.helm"), path, { recursive: true });
  const helper = (name: string, text: string): string => `{{- define "${name}" -}}${text}{{- end -}}\n`;
  return put(path, {
    "Chart.yaml": "apiVersion: v2\nname: hello-flask\nversion: 0.1.0\n",
    "templates/_werf.tpl":
      helper("werf_container_image", "image: registry.example.com/app:1") + helper("werf_container_env", ""),
    "values.yaml": `${readFileSync(join(path, "values.yaml"), "utf8")}\nglobal: {env: stage}\n`,
  });
}

function smallChart(path: string): string {
  return put(path, chartFiles("small"));
}

function umbrella(path: string): string {
  const names = Array.from({ length: 100 }, (_, index) => `sub${index}`);
  put(path, {
    "Chart.yaml": `apiVersion: v2\nname: umbrella\nversion: 0.1.0\ndependencies:\n${names.map((name) => `  - {name: ${name}, version: 0.1.0, condition: ${name}.enabled}`).join("\n")}\n`,
    "values.yaml": `global: {domain: example.com}\n${names.map((name) => `${name}: {enabled: true, replicas: 3}`).join("\n")}\n`,
    "templates/config.yaml":
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}}\ndata: {domain: {{ .Values.global.domain }}}\n",
  });
  for (const name of names) put(join(path, "charts", name), chartFiles(name));
  return path;
}

function manyObjects(path: string): string {
  return put(path, {
    "Chart.yaml": "apiVersion: v2\nname: objects\nversion: 0.1.0\n",
    "values.yaml": "count: 1000\n",
    "templates/objects.yaml": `{{- range $i := until (int .Values.count) }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: config-{{ $i }}
  labels: {app: objects, index: "{{ $i }}"}
data:
  key: {{ printf "value-%d" $i | quote }}
  sum: {{ printf "value-%d" $i | sha256sum }}
{{- end }}
`,
  });
}

function manyCalls(path: string): string {
  return put(path, {
    "Chart.yaml": "apiVersion: v2\nname: calls\nversion: 0.1.0\n",
    "values.yaml": 'text: "{{ .Release.Name }}-{{ .Values.suffix }}"\nsuffix: tail\n',
    "templates/_helpers.tpl":
      '{{- define "calls.name" -}}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 63 | trimSuffix "-" }}{{- end -}}\n',
    "templates/calls.yaml": `apiVersion: v1
kind: ConfigMap
metadata: {name: calls}
data:
{{- range $i := until 2500 }}
  k{{ $i }}: {{ tpl $.Values.text $ }}-{{ include "calls.name" $ }}
{{- end }}
`,
  });
}
