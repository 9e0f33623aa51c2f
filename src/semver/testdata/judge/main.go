// Command judge fills in what Masterminds/semver itself makes of each case that it reads, one a line.
package main

import (
	"bufio"
	"encoding/json"
	"os"

	"github.com/Masterminds/semver/v3"
)

// Case asks whether a version satisfies a constraint.
type Case struct {
	Constraint string   `json:"constraint"`
	Version    string   `json:"version"`
	Allows     bool     `json:"allows"`
	Objections []string `json:"objections"`
	Error      string   `json:"error,omitempty"`
}

func main() {
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var c Case
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			panic(err)
		}
		if err := out.Encode(judge(Case{Constraint: c.Constraint, Version: c.Version, Objections: []string{}})); err != nil {
			panic(err)
		}
	}
}

func judge(c Case) Case {
	constraint, err := semver.NewConstraint(c.Constraint)
	if err != nil {
		c.Error = err.Error()
		return c
	}
	version, err := semver.NewVersion(c.Version)
	if err != nil {
		c.Error = err.Error()
		return c
	}
	c.Allows = constraint.Check(version)
	_, objections := constraint.Validate(version)
	for _, objection := range objections {
		c.Objections = append(c.Objections, objection.Error())
	}
	return c
}
