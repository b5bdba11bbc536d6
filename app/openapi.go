package app

import (
	"encoding"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"path"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/twiza/twiza/platform/i18n"
	"github.com/twiza/twiza/platform/web"
	"github.com/twiza/twiza/shared/module"
)

// apiVersion is that of the contract under /api/v1: the second number grows
// when something is added, the first never without another /api/vN.
const apiVersion = "1.0.0"

// apiAnswers is what an API door may answer besides its own, all as problem+json
// (RFC 9457); the edge gives these and no others.
var apiAnswers = []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusConflict,
	http.StatusUnprocessableEntity, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusServiceUnavailable}

// problemOut is what the edge writes then, member by member; a test compares.
type problemOut struct {
	Type      string `json:"type"`
	Title     string `json:"title" doc:"in the language of the reader"`
	Status    int    `json:"status"`
	Code      string `json:"code" doc:"the same in every language"`
	Reference string `json:"reference,omitempty" doc:"of a fault of ours, to tell an operator"`
	State     string `json:"state,omitempty" doc:"of a 401: signin, or cut for a phone that was cut off"`
	Fields    []struct {
		Field string         `json:"field"`
		Code  string         `json:"code"`
		Title string         `json:"title"`
		Args  map[string]any `json:"args,omitempty"`
	} `json:"fields,omitempty" doc:"everything that is wrong with what was sent"`
}

// node is one object of the document; its members come out in the order of
// their names, so the same house writes the same bytes.
type node = map[string]any

// describe answers with what the API takes and gives.
func (h *House) describe(c *web.Ctx) error {
	b, err := h.OpenAPI()
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, json.RawMessage(b))
}

// OpenAPI is the API as OpenAPI 3.1 tells it, read off the doors themselves:
// a program in any language can be generated from it. Its sentences are the
// catalogue's, in English.
func (h *House) OpenAPI() ([]byte, error) {
	say := h.Site.Cat.For(i18n.EN, h.Site.Zone).Text
	d := document{say: say, parts: node{}}
	paths := node{}
	for _, door := range h.allDoors() {
		if !door.API || !strings.HasPrefix(door.Path, "/api/") {
			continue // /healthz and the like are for whoever runs the house
		}
		operation, err := d.operation(door)
		if err != nil {
			return nil, fmt.Errorf("openapi: %s %s: %w", door.Method, door.Path, err)
		}
		if paths[door.Path] == nil {
			paths[door.Path] = node{}
		}
		paths[door.Path].(node)[strings.ToLower(door.Method)] = operation
	}
	problem, err := d.schema(reflect.TypeFor[problemOut]())
	if err != nil {
		return nil, fmt.Errorf("openapi: %w", err)
	}
	responses := node{}
	for _, status := range apiAnswers {
		responses[strconv.Itoa(status)] = node{"description": say("app.api.status." + strconv.Itoa(status)), "content": node{"application/problem+json": node{"schema": problem}}}
	}
	return json.MarshalIndent(node{
		"openapi": "3.1.0",
		"info": node{"title": say("app.api.title"), "description": say("app.api.about"), "version": apiVersion,
			"license": node{"name": "Apache-2.0", "identifier": "Apache-2.0"}},
		"paths": paths,
		"components": node{"schemas": d.parts, "responses": responses,
			"securitySchemes": node{"session": node{"type": "http", "scheme": "bearer", "description": say("app.api.session")}}},
	}, "", "  ")
}

// document gathers the schemas that operations share.
type document struct {
	say   func(key string, args ...any) string
	parts node
}

var pathHole = regexp.MustCompile(`\{([a-z]+)\}`)

func (d document) operation(door module.Door) (node, error) {
	word, _, _ := strings.Cut(door.Deed.Name, ".")
	done := node{"description": d.say("app.api.done")}
	o := node{"operationId": operationID(door), "summary": d.say("deed." + door.Deed.Name), "tags": []string{word}, "x-deed": door.Deed.Name}
	if door.Out != nil {
		out, err := d.schema(reflect.TypeOf(door.Out))
		if err != nil {
			return nil, err
		}
		done["content"] = node{"application/json": node{"schema": out}}
	}
	if door.In != nil {
		in, err := d.schema(reflect.TypeOf(door.In))
		if err != nil {
			return nil, err
		}
		o["requestBody"] = node{"required": true, "content": node{"application/json": node{"schema": in}}}
	}
	holes := []node{}
	for _, m := range pathHole.FindAllStringSubmatch(door.Path, -1) {
		holes = append(holes, node{"name": m[1], "in": "path", "required": true, "schema": node{"type": "string"}})
	}
	session := []node{{"session": []string{}}}
	if door.Deed.Open { // may be shown and need not be
		session = append([]node{{}}, session...)
	}
	responses := node{"2XX": done}
	for _, status := range apiAnswers {
		responses[strconv.Itoa(status)] = node{"$ref": "#/components/responses/" + strconv.Itoa(status)}
	}
	o["parameters"], o["security"], o["responses"] = holes, session, responses
	return o, nil
}

// operationID names an operation after its door: GET /api/v1/cases/{id} is
// getCasesById.
func operationID(door module.Door) string {
	var b strings.Builder
	b.WriteString(strings.ToLower(door.Method))
	for _, part := range strings.FieldsFunc(strings.TrimPrefix(door.Path, "/api/v1"), func(r rune) bool { return strings.ContainsRune("/.-_", r) }) {
		if hole := strings.Trim(part, "{}"); hole != part {
			b.WriteString("By")
			part = hole
		}
		b.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return b.String()
}

// schema is how a Go type looks on the wire, as encoding/json writes it. A
// struct with a name becomes a part that others point at.
func (d document) schema(t reflect.Type) (node, error) {
	if t.Kind() == reflect.Pointer {
		return d.schema(t.Elem())
	}
	switch {
	case t == reflect.TypeFor[time.Time]():
		return node{"type": "string", "format": "date-time"}, nil
	case t == reflect.TypeFor[json.RawMessage]():
		return node{"type": "object"}, nil
	case t.Implements(reflect.TypeFor[encoding.TextMarshaler]()):
		if path.Base(t.PkgPath()) == "id" {
			return node{"type": "string", "format": "uuid"}, nil
		}
		return node{"type": "string"}, nil
	case t.Implements(reflect.TypeFor[json.Marshaler]()):
		return nil, fmt.Errorf("%s writes itself: give the wire struct a type that can be described", t)
	}
	switch t.Kind() {
	case reflect.String:
		return node{"type": "string"}, nil
	case reflect.Bool:
		return node{"type": "boolean"}, nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return node{"type": "integer"}, nil
	case reflect.Float32, reflect.Float64:
		return node{"type": "number"}, nil
	case reflect.Slice, reflect.Array:
		if t.Elem().Kind() == reflect.Uint8 {
			return node{"type": "string", "contentEncoding": "base64"}, nil
		}
		items, err := d.schema(t.Elem())
		return node{"type": "array", "items": items}, err
	case reflect.Map:
		values, err := d.schema(t.Elem())
		return node{"type": "object", "additionalProperties": values}, err
	case reflect.Struct:
		return d.part(t)
	case reflect.Interface:
		return node{}, nil // anything
	}
	return nil, fmt.Errorf("%s cannot be described", t)
}

// part keeps the schema of a struct under its package and name, and points at it.
func (d document) part(t reflect.Type) (node, error) {
	if t.Name() == "" {
		return d.object(t)
	}
	name := path.Base(t.PkgPath()) + "." + t.Name()
	if _, known := d.parts[name]; !known {
		d.parts[name] = node{} // one that holds itself ends here
		object, err := d.object(t)
		if err != nil {
			return nil, err
		}
		d.parts[name] = object
	}
	return node{"$ref": "#/components/schemas/" + name}, nil
}

// object is the members of a struct; those of an embedded one are its own.
func (d document) object(t reflect.Type) (node, error) {
	members, required := node{}, []string{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, rest, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			inner, err := d.object(f.Type)
			if err != nil {
				return nil, err
			}
			maps.Copy(members, inner["properties"].(node))
			required = append(required, inner["required"].([]string)...)
			continue
		case !f.IsExported() || name == "-":
			continue
		case name == "":
			name = f.Name
		}
		member, err := d.schema(f.Type)
		if err != nil {
			return nil, fmt.Errorf("%s.%s: %w", t.Name(), f.Name, err)
		}
		if doc := f.Tag.Get("doc"); doc != "" {
			member["description"] = doc
		}
		members[name] = member
		if !strings.Contains(rest, "omit") { // omitempty, omitzero
			required = append(required, name)
		}
	}
	return node{"type": "object", "properties": members, "required": required}, nil
}
