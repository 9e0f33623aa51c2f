// Command judge runs template cases through Go's own text/template, fmt and regexp.
//
//	go run . < ../templates.jsonl > new.jsonl      each line is a case; its results are filled in
//
// See ../README.md for the format.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"sort"
	"strings"
	"text/template"
	"time"
)

type testCase struct {
	Templates  map[string]string `json:"templates,omitempty"`
	Main       string            `json:"main,omitempty"`
	MissingKey string            `json:"missingKey,omitempty"`
	Data       any               `json:"data,omitempty"`
	Output     *string           `json:"output,omitempty"`
	Error      string            `json:"error,omitempty"`

	Pattern *string  `json:"pattern,omitempty"`
	Text    string   `json:"text,omitempty"`
	With    string   `json:"with,omitempty"`
	Limit   int      `json:"limit,omitempty"`
	Results *regexes `json:"results,omitempty"`
}

type regexes struct {
	Test    bool     `json:"test"`
	Find    string   `json:"find"`
	All     []string `json:"all"`
	Replace string   `json:"replace"`
	Literal string   `json:"literal"`
	Split   []string `json:"split"`
	Meta    string   `json:"meta"`
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(make([]byte, 1<<20), 1<<28)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for in.Scan() {
		var c testCase
		if err := json.Unmarshal(in.Bytes(), &c); err != nil {
			panic(err)
		}
		c.Output, c.Error, c.Results = nil, "", nil
		if c.Pattern != nil {
			runPattern(&c)
		} else {
			runTemplates(&c)
		}
		encoder.Encode(c)
	}
}

func runPattern(c *testCase) {
	re, err := regexp.Compile(*c.Pattern)
	if err != nil {
		c.Error = err.Error()
		return
	}
	c.Results = &regexes{
		re.MatchString(c.Text), re.FindString(c.Text), re.FindAllString(c.Text, c.Limit),
		re.ReplaceAllString(c.Text, c.With), re.ReplaceAllLiteralString(c.Text, c.With),
		re.Split(c.Text, c.Limit), regexp.QuoteMeta(c.Text),
	}
}

func runTemplates(c *testCase) {
	t := template.New("gotpl")
	if c.MissingKey != "" {
		t.Option("missingkey=" + c.MissingKey)
	}
	t.Funcs(functions(t))
	var names []string
	for name := range c.Templates {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		if _, err := t.New(name).Parse(c.Templates[name]); err != nil {
			c.Error = err.Error()
			return
		}
	}
	var b strings.Builder
	data := clone(c.Data)
	if data == "shared" {
		data = shared()
	}
	if err := t.ExecuteTemplate(&b, c.Main, typed(data)); err != nil {
		c.Error = err.Error()
		return
	}
	quoted := fmt.Sprintf("%q", b.String())
	c.Output = &quoted
}

func functions(t *template.Template) template.FuncMap {
	return template.FuncMap{
		"list": func(a ...any) []any { return a },
		"dict": func(a ...any) map[string]any {
			m := map[string]any{}
			for i := 0; i+1 < len(a); i += 2 {
				m[fmt.Sprint(a[i])] = a[i+1]
			}
			return m
		},
		"i64":     func(i int) int64 { return int64(i) },
		"u8":      func(i uint8) uint8 { return i },
		"f32":     func(f float32) float32 { return f },
		"strs":    func(s ...string) []string { return s },
		"failing": func(s string) (string, error) { return "", errors.New(s) },
		"id":      func(a any) any { return a },
		"str":     func(a string) string { return a },
		"num":     func(a int) int { return a },
		"flt":     func(a float64) float64 { return a },
		"boo":     func(a bool) bool { return a },
		"mp":      func(a map[string]any) int { return len(a) },
		"sl":      func(a []any) int { return len(a) },
		"two":     func(a string, b int) string { return fmt.Sprintf("%s/%d", a, b) },
		"vari":    func(a int, b ...string) string { return fmt.Sprint(a, b) },
		"epoch":   func() time.Time { return time.Unix(0, 0).UTC() },
		"include": func(name string, data any) (string, error) {
			var b strings.Builder
			err := t.ExecuteTemplate(&b, name, data)
			return b.String(), err
		},
	}
}

func shared() (data any) {
	raw, err := os.ReadFile("../shared.json")
	if err != nil {
		panic(err)
	}
	json.Unmarshal(raw, &data)
	return data
}

func clone(v any) (c any) {
	raw, _ := json.Marshal(v)
	json.Unmarshal(raw, &c)
	return c
}

// typed reads {"$int": 1} and the like as values of other types than JSON has.
func typed(v any) any {
	switch t := v.(type) {
	case []any:
		for i := range t {
			t[i] = typed(t[i])
		}
		return t
	case map[string]any:
		m := map[string]any{}
		for key, x := range t {
			switch key {
			case "$int":
				return int(x.(float64))
			case "$i64":
				return int64(x.(float64))
			case "$u8":
				return uint8(x.(float64))
			case "$f32":
				return float32(x.(float64))
			case "$bytes":
				return []byte(x.(string))
			case "$nilmap":
				return map[string]any(nil)
			case "$nilslice":
				return []any(nil)
			case "$strs":
				l := []string{}
				for _, s := range x.([]any) {
					l = append(l, s.(string))
				}
				return l
			case "$smap":
				sm := map[string]string{}
				for k, s := range x.(map[string]any) {
					sm[k] = s.(string)
				}
				return sm
			}
			m[key] = typed(x)
		}
		return m
	}
	return v
}
