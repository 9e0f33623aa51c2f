/** A chart with a CRD, a README, a hook, and a template with several objects. */
export const LIB = {
  "lib/Chart.yaml": "apiVersion: v2\nname: lib\nversion: 0.2.0\nappVersion: 1.10\nkeywords: [b, a]\n",
  "lib/values.yaml": "# its values\nport: 80\n",
  "lib/README.md": "# lib\n",
  "lib/crds/a.yaml": "kind: CustomResourceDefinition\nmetadata: {name: a}\n",
  "lib/crds/b.yaml": "kind: CustomResourceDefinition\nmetadata: {name: b}",
  "lib/templates/two.yaml":
    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-b\n---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: a\n",
  "lib/templates/hook.yaml":
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: t\n  annotations:\n    helm.sh/hook: test\n",
} as const;

/** The same in a folder that has not its name. */
export const MADE: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(LIB).map(([path, text]) => [path.replace(/^lib\//, "made/"), text]),
);

/** A chart whose dependency is not there yet. */
export const APP = {
  "app/Chart.yaml":
    'apiVersion: v2\nname: app\nversion: 1.2.3\ndependencies:\n- name: lib\n  version: ">=0.1.0"\n  repository: file://../lib\n  condition: lib.enabled\n',
  "app/templates/a.yaml":
    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: app\ndata:\n  x: {{ .Values.x | quote }}\n",
} as const;

export const BROKEN = {
  "yaml/Chart.yaml": "apiVersion: v2\nname: yaml\nversion: 1.0.0\n",
  "yaml/templates/a.yaml": "a: 1\nb: [\n",
  "fail/Chart.yaml": "apiVersion: v2\nname: fail\nversion: 1.0.0\n",
  "fail/templates/a.yaml": 'a: {{ fail "no" }}\n',
  "end/Chart.yaml": "apiVersion: v2\nname: end\nversion: 1.0.0\n",
  "end/templates/a.yaml": "{{ end }}\n",
  "version/Chart.yaml": "name: version\nversion: x\n",
  "old/Chart.yaml": "apiVersion: v2\nname: old\nversion: 1.0.0\nicon: https://x.example/i.png\n",
  "old/values.yaml": "{}\n",
  "old/templates/a.yaml": "apiVersion: extensions/v1beta1\nkind: Deployment\nmetadata:\n  name: A_b\n",
} as const;
