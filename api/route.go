package api

import (
	"context"
	"fmt"
	"mime"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"blangko/internal/access"
	"blangko/internal/postgres"
)

// route is one operation of the API: what the table in routes.go says of it, and how huma is told.
type route struct {
	method   string
	path     string
	action   access.Action // what the policy is asked; empty where anybody may
	about    string
	status   int
	keyless  bool  // a POST that changes nothing to repeat: session, route, what-if
	versions bool  // changes something that has a version: If-Match is asked for
	anyQuery bool  // takes the query of another route, which checks it
	most     int64 // bytes of the body, 0 for the server's own bound
	register func(*Server, huma.API, route)
}

// method is a handler as the domains have it: who asks, the input, the answer.
type method[I, O any] func(s *Server, ctx context.Context, who access.Actor, in *I) (O, error)

// get reads.
func get[I, O any](path string, action access.Action, about string, do method[I, O]) route {
	return operation(route{method: http.MethodGet, path: path, action: action, about: about, status: http.StatusOK}, do)
}

// post makes something new; the Idempotency-Key lets it be asked again.
func post[I, O any](path string, action access.Action, about string, do method[I, O]) route {
	return operation(route{method: http.MethodPost, path: path, action: action, about: about, status: http.StatusCreated}, do)
}

// put changes something that has a version, which If-Match names.
func put[I, O any](path string, action access.Action, about string, do method[I, O]) route {
	return operation(route{method: http.MethodPut, path: path, action: action, about: about, status: http.StatusOK, versions: true}, do)
}

// remove takes something away.
func remove[I, O any](path string, action access.Action, about string, do method[I, O]) route {
	return operation(route{method: http.MethodDelete, path: path, action: action, about: about, status: http.StatusOK}, do)
}

// withoutKey marks a POST that changes nothing worth repeating.
func withoutKey(r route) route { r.keyless, r.status = true, http.StatusOK; return r }

// versioned marks a POST on something that has a version.
func versioned(r route) route { r.versions = true; return r }

// large lets the body be a file of so many bytes.
func large(r route, most int64) route { r.most = most; return r }

// withAnyQuery passes its query on to another route, which checks it.
func withAnyQuery(r route) route { r.anyQuery = true; return r }

// file is an answer that is no JSON.
type file struct {
	Name    string
	Type    string
	Content []byte
}

// content is how huma writes a file.
type content struct {
	Type        string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte
}

// download reads a file.
func download[I any](path string, action access.Action, about string, do method[I, file]) route {
	r := route{method: http.MethodGet, path: path, action: action, about: about, status: http.StatusOK}
	mustRead[I](path)
	r.register = func(s *Server, api huma.API, r route) {
		huma.Register(api, s.described(r), func(ctx context.Context, in *I) (*content, error) {
			f, err := do(s, ctx, actorOf(ctx), in)
			if err != nil {
				return nil, problem(ctx, err)
			}
			return &content{Type: f.Type, Disposition: mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}), Body: f.Content}, nil
		})
	}
	return r
}

// answer is what huma writes: the domain's value, and its version as ETag where it has one. It is one type for all
// operations, whose bodies are described apart, since the compiler makes huma's registration anew for each pair of types.
type answer struct {
	ETag     string `header:"ETag" doc:"version of what is answered, for If-Match"`
	Replayed string `header:"Idempotency-Replayed" doc:"true when this is the answer to an earlier request with the same key"`
	Body     any
}

// mutable is a value that has a version.
type mutable interface{ CurrentVersion() int64 }

// mustRead ends the program at its start where an input embeds a type that is not exported: huma would leave out all of
// its fields, and every request would look as if it named nothing.
func mustRead[I any](path string) {
	in := reflect.TypeFor[I]()
	for i := range in.NumField() {
		if f := in.Field(i); f.Anonymous && !f.IsExported() {
			panic(fmt.Sprintf("%s: the input embeds %s, which is not exported", path, f.Name))
		}
	}
}

func operation[I, O any](r route, do method[I, O]) route {
	mustRead[I](r.path)
	r.register = func(s *Server, api huma.API, r route) {
		op := s.described(r)
		op.Responses = map[string]*huma.Response{strconv.Itoa(r.status): {Content: map[string]*huma.MediaType{
			"application/json": {Schema: api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[O](), true, op.OperationID+"Response")},
		}}}
		huma.Register(api, op, func(ctx context.Context, in *I) (*answer, error) {
			body, err := do(s, ctx, actorOf(ctx), in)
			if err != nil {
				return nil, problem(ctx, err)
			}
			out := &answer{Body: body}
			if m, ok := any(body).(mutable); ok {
				out.ETag = strconv.Quote(strconv.FormatInt(m.CurrentVersion(), 10))
			}
			if key := keyOf(ctx); key != nil && key.Replayed {
				out.Replayed = "true"
			}
			return out, nil
		})
	}
	return r
}

// described is what huma is told of a route.
func (s *Server) described(r route) huma.Operation {
	op := huma.Operation{
		Method: r.method, Path: r.path, Summary: r.about, DefaultStatus: r.status,
		OperationID: operationID(r.method, r.path),
		Tags:        []string{strings.SplitN(strings.TrimPrefix(r.path, "/api/v1/"), "/", 2)[0]},
		Middlewares: huma.Middlewares{s.gate(r)},
		Errors:      possible(r),
		Metadata:    map[string]any{"action": string(r.action)},
		// The body was read and bounded before huma sees it.
		MaxBodyBytes:       -1,
		SkipValidateParams: r.anyQuery,
	}
	if r.action != "" {
		op.Security = []map[string][]string{{"session": {}}, {"token": {}}}
	}
	if r.method == http.MethodPost && !r.keyless {
		op.Parameters = append(op.Parameters, &huma.Param{Name: "Idempotency-Key", In: "header", Required: true,
			Description: "Chosen by the client, a UUID for instance. Asking again with the same key and body acts once and answers the same.",
			Schema:      &huma.Schema{Type: "string", MinLength: ptr(1), MaxLength: ptr(200)}})
	}
	if r.versions {
		op.Parameters = append(op.Parameters, &huma.Param{Name: "If-Match", In: "header", Required: true,
			Description: "The ETag that was read.", Schema: &huma.Schema{Type: "string"}})
	}
	return op
}

// gate asks who is there, what they may do, and for the headers that the method needs, before the input is looked at.
func (s *Server) gate(r route) func(huma.Context, func(huma.Context)) {
	return func(hc huma.Context, next func(huma.Context)) {
		if err := s.admit(hc, r); err != nil {
			p := problem(hc.Context(), err)
			_ = huma.WriteErr(s.api, hc, p.Status, p.Code, p)
			return
		}
		next(hc)
	}
}

func (s *Server) admit(hc huma.Context, r route) error {
	if r.action != "" {
		if err := actorOf(hc.Context()).May(r.action); err != nil {
			return err
		}
	}
	if r.method == http.MethodPost && !r.keyless {
		switch id := hc.Header("Idempotency-Key"); {
		case id == "":
			return errNoKey.With("advice", "send an Idempotency-Key header, a new UUID for each thing you mean to do once")
		case len(id) > 200:
			return errKeyLength.With("longest", 200)
		}
	}
	if r.versions && hc.Header("If-Match") == "" {
		return errNoVersion.With("advice", "send the ETag that you read in an If-Match header, so that you do not overwrite a change you have not seen")
	}
	return nil
}

func possible(r route) []int {
	codes := []int{}
	if r.action != "" {
		codes = append(codes, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound)
	}
	if r.method != http.MethodGet {
		codes = append(codes, http.StatusBadRequest, http.StatusConflict, http.StatusRequestEntityTooLarge)
	}
	if r.versions {
		codes = append(codes, http.StatusPreconditionFailed, http.StatusPreconditionRequired)
	}
	return append(codes, http.StatusUnprocessableEntity, http.StatusInternalServerError)
}

func operationID(method, path string) string {
	name := strings.NewReplacer("/api/v1/", "", "{", "", "}", "", "/", "-", ".", "-").Replace(path)
	return strings.ToLower(method) + "-" + strings.Trim(name, "-")
}

func ptr[T any](v T) *T { return &v }

// IfMatch is embedded in the input of what has a version.
type IfMatch struct {
	Tag string `header:"If-Match" hidden:"true"`
}

// version is the number inside an ETag such as "3".
func (m IfMatch) version() (int64, error) {
	v, err := strconv.ParseInt(strings.Trim(strings.TrimPrefix(strings.TrimSpace(m.Tag), "W/"), `"`), 10, 64)
	if err != nil {
		return 0, errBadVersion.With("if_match", m.Tag)
	}
	return v, nil
}

// Paging is embedded in the input of a list.
type Paging struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
	Cursor string `query:"cursor" maxLength:"1000" doc:"next of the page before"`
}

func (p Paging) domain() postgres.Paging { return postgres.Paging{Limit: p.Limit, Cursor: p.Cursor} }

// nothing is the input of an operation that needs none.
type nothing struct{}

// done is the answer of an operation that has nothing to tell.
type done struct {
	Done bool `json:"done"`
}
