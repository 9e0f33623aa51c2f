/** What the reference page says of the functions that Helm adds; loaded only by the script that writes it. */
export const helmReference: Readonly<
  Record<string, readonly [summary: string, example: string, result: string]>
> = {
  include: [
    "Runs a named template and gives its text, so that it can be piped on.",
    '{{ define "n" }}x{{ end }}{{ include "n" . | upper }}',
    "X",
  ],
  tpl: ["Runs a text as a template.", '{{ tpl "{{ add 1 2 }}" . }}', "3"],
  required: [
    "The value, or a failure with this message when it is nil or empty.",
    '{{ required "name it" "web" }}',
    "web",
  ],
  fail: ["Ends the rendering with this message.", '{{ if false }}{{ fail "no" }}{{ end }}ok', "ok"],
  lookup: [
    "An object of the cluster, a list without a name; empty without a cluster.",
    '{{ lookup "v1" "Pod" "ns" "p" }}',
    "map[]",
  ],
  getHostByName: [
    "An address of a host; empty, since names are not looked up.",
    '{{ getHostByName "example.com" }}',
    "",
  ],
  toYaml: [
    "The value as YAML, keys sorted, without a line end.",
    '{{ toYaml (dict "b" 1 "a" (list 2)) }}',
    "a:\n- 2\nb: 1",
  ],
  toYamlPretty: [
    "The value as YAML with lists indented.",
    '{{ toYamlPretty (dict "a" (list 2)) }}',
    "a:\n  - 2",
  ],
  fromYaml: [
    "A map read from YAML; with the key Error when it cannot be read.",
    '{{ (fromYaml "a: 1").a }}',
    "1",
  ],
  fromYamlArray: ["A list read from YAML.", '{{ fromYamlArray "[a, b]" }}', "[a b]"],
  toJson: ["The value as JSON.", '{{ toJson (dict "a" "<") }}', '{"a":"\\u003c"}'],
  fromJson: [
    "A map read from JSON; with the key Error when it cannot be read.",
    '{{ (fromJson `{"a": 1}`).a }}',
    "1",
  ],
  fromJsonArray: ["A list read from JSON.", '{{ fromJsonArray "[1, 2]" }}', "[1 2]"],
  toToml: ["The value as TOML.", '{{ toToml (dict "a" "b") | trim }}', 'a = "b"'],
  fromToml: ["A map read from TOML.", '{{ (fromToml `a = "b"`).a }}', "b"],
};
