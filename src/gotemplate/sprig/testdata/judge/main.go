// Command judge fills in what Sprig 3.3.0 itself makes of each case that it reads, one a line.
package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strconv"
	"strings"
	"text/template"
	"time"
	_ "time/tzdata"
	"unicode/utf8"

	"github.com/Masterminds/sprig/v3"
)

// Case is a call of a function or a template.
type Case struct {
	Call     string `json:"call,omitempty"`
	Args     []any  `json:"args,omitempty"`
	Template string `json:"template,omitempty"`
	Output   any    `json:"output,omitempty"`
	Error    string `json:"error,omitempty"`
}

func main() {
	time.Local = time.UTC
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var c Case
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			panic(err)
		}
		text, err := run(c)
		c.Output, c.Error = nil, ""
		if err != nil {
			c.Error = err.Error()
		} else if c.Output = any(text); !utf8.ValidString(text) {
			c.Output = map[string]string{"bytes": base64.StdEncoding.EncodeToString([]byte(text))}
		}
		if err := out.Encode(c); err != nil {
			panic(err)
		}
	}
}

func run(c Case) (text string, err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("%v", problem)
		}
	}()
	if c.Template != "" {
		set, err := template.New("t").Funcs(sprig.TxtFuncMap()).Parse(c.Template)
		if err != nil {
			return "", err
		}
		var out bytes.Buffer
		err = set.Execute(&out, map[string]any{"n": 5.0, "s": "str", "l": []any{"a", "b"}})
		return out.String(), err
	}
	var args []reflect.Value
	for _, arg := range c.Args {
		args = append(args, reflect.ValueOf(decode(arg)))
	}
	results := reflect.ValueOf(sprig.TxtFuncMap()[c.Call]).Call(args)
	if len(results) == 2 && !results[1].IsNil() {
		return "", results[1].Interface().(error)
	}
	switch value := results[0].Interface().(type) {
	case string:
		return value, nil
	case time.Time:
		return value.Format("2006-01-02T15:04:05.999999999 -0700 MST"), nil
	case map[string]any:
		raw, err := json.Marshal(value)
		return string(raw), err
	default:
		return fmt.Sprintf("%v", value), nil
	}
}

func decode(arg any) any {
	text, ok := arg.(string)
	if ok {
		return text
	}
	for kind, raw := range arg.(map[string]any) {
		text := raw.(string)
		switch kind {
		case "int":
			value, _ := strconv.Atoi(text)
			return value
		case "float":
			value, _ := strconv.ParseFloat(text, 64)
			return value
		case "bytes":
			raw, _ := base64.StdEncoding.DecodeString(text)
			return string(raw)
		}
	}
	panic(strings.TrimSpace(fmt.Sprint("no argument: ", arg)))
}
