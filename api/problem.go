package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"blangko/internal/fault"
	"blangko/internal/postgres"
)

// Problem is every error that the API answers, as RFC 9457 describes it. Clients word it by its code and facts.
type Problem struct {
	Type      string         `json:"type" example:"/problems/insufficient-stock"`
	Title     string         `json:"title" example:"Conflict"`
	Status    int            `json:"status" example:"409"`
	Code      string         `json:"code" example:"insufficient-stock" doc:"what went wrong, for programs; never changes"`
	Detail    string         `json:"detail,omitempty" doc:"the same in English, for whoever writes a program"`
	Facts     map[string]any `json:"facts,omitempty" doc:"the facts of the case"`
	Errors    []fault.Field  `json:"errors,omitempty" doc:"every wrong part of the input"`
	RequestID string         `json:"request_id,omitempty" doc:"names the line in the server's log"`
}

func (p *Problem) Error() string               { return p.Code + ": " + p.Detail }
func (p *Problem) GetStatus() int              { return p.Status }
func (p *Problem) ContentType(_ string) string { return "application/problem+json" }

// Faults that HTTP itself knows.
var (
	errNoKey       = fault.New(fault.Invalid, "idempotency-key-missing")
	errKeyLength   = fault.New(fault.Invalid, "idempotency-key-malformed")
	errNoVersion   = fault.New(fault.Invalid, "if-match-missing")
	errBadVersion  = fault.New(fault.Invalid, "if-match-malformed")
	errTooLarge    = fault.New(fault.Invalid, "body-too-large")
	errBadRequest  = fault.New(fault.Invalid, "malformed-request")
	errNoRoute     = fault.New(fault.NotFound, "no-such-resource")
	errNoMethod    = fault.New(fault.Invalid, "method-not-allowed")
	errMediaType   = fault.New(fault.Invalid, "media-type-unsupported")
	errCrossOrigin = fault.New(fault.Forbidden, "cross-origin")
	errAway        = fault.New(fault.Conflict, "database-away")
	errTimeout     = fault.New(fault.Conflict, "took-too-long")
)

var statusOfKind = map[fault.Kind]int{
	fault.Invalid:         http.StatusUnprocessableEntity,
	fault.Unauthenticated: http.StatusUnauthorized,
	fault.Forbidden:       http.StatusForbidden,
	fault.NotFound:        http.StatusNotFound,
	fault.Conflict:        http.StatusConflict,
	fault.Stale:           http.StatusPreconditionFailed,
}

// statusOfCode holds the codes for which HTTP has a status of its own.
var statusOfCode = map[string]int{
	errNoKey.Code:       http.StatusBadRequest,
	errKeyLength.Code:   http.StatusBadRequest,
	errNoVersion.Code:   http.StatusPreconditionRequired,
	errBadVersion.Code:  http.StatusBadRequest,
	errTooLarge.Code:    http.StatusRequestEntityTooLarge,
	errBadRequest.Code:  http.StatusBadRequest,
	errNoMethod.Code:    http.StatusMethodNotAllowed,
	errMediaType.Code:   http.StatusUnsupportedMediaType,
	errTimeout.Code:     http.StatusServiceUnavailable,
	errAway.Code:        http.StatusServiceUnavailable,
	"too-many-attempts": http.StatusTooManyRequests,
}

// problem turns an error into what is answered. What is no fault is logged here, once, and answered with a bare 500.
func problem(ctx context.Context, err error) *Problem {
	var done *Problem
	if errors.As(err, &done) {
		return done
	}
	id := postgres.RequestID(ctx)
	if f, ok := fault.As(err); ok {
		status := statusOfKind[f.Kind]
		if s, ok := statusOfCode[f.Code]; ok {
			status = s
		}
		return &Problem{Type: "/problems/" + f.Code, Title: http.StatusText(status), Status: status, Code: f.Code,
			Detail: f.Explain(), Facts: f.Facts, Errors: f.Fields, RequestID: id}
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return problem(ctx, errTimeout)
	}
	if postgres.Away(err) {
		slog.WarnContext(ctx, "database away", "request", id, "error", err)
		return problem(ctx, errAway.With("advice", "ask again in a few seconds, with the same Idempotency-Key"))
	}
	slog.ErrorContext(ctx, "request failed", "request", id, "error", err)
	return &Problem{Type: "about:blank", Title: http.StatusText(http.StatusInternalServerError),
		Status: http.StatusInternalServerError, Code: "internal", RequestID: id}
}

// refuse writes the problem of an error as the answer of a gin middleware or handler.
func refuse(c *gin.Context, err error) {
	write(c.Writer, c.Request, err)
	c.Abort()
}

func write(w http.ResponseWriter, r *http.Request, err error) {
	p := problem(r.Context(), err)
	w.Header().Set("Content-Type", p.ContentType(""))
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	// A client that went away does not get its answer; there is nobody to tell.
	_ = json.NewEncoder(w).Encode(p)
}

// init hands huma's own errors to the same writer.
func init() {
	huma.NewErrorWithContext = func(hc huma.Context, status int, message string, causes ...error) huma.StatusError {
		ctx := context.Background()
		if hc != nil {
			ctx = hc.Context()
		}
		return fromHuma(ctx, status, message, causes)
	}
	huma.NewError = func(status int, message string, causes ...error) huma.StatusError {
		return fromHuma(context.Background(), status, message, causes)
	}
}

func fromHuma(ctx context.Context, status int, message string, causes []error) *Problem {
	for _, cause := range causes {
		var known *Problem
		if errors.As(cause, &known) {
			return known
		}
	}
	f := fault.ErrInvalid
	switch status {
	case http.StatusUnprocessableEntity:
	case http.StatusRequestEntityTooLarge:
		f = errTooLarge
	case http.StatusUnsupportedMediaType, http.StatusNotAcceptable:
		f = errMediaType
	case http.StatusRequestTimeout:
		f = errTimeout
	case http.StatusInternalServerError:
		return problem(ctx, errors.Join(append([]error{errors.New(message)}, causes...)...))
	default:
		f = errBadRequest
	}
	if len(causes) == 0 {
		f = f.With("message", message)
	}
	for _, cause := range causes {
		var tooLarge *http.MaxBytesError
		if errors.As(cause, &tooLarge) {
			return problem(ctx, errTooLarge.With("most_bytes", tooLarge.Limit))
		}
		detail := &huma.ErrorDetail{Message: cause.Error()}
		var known huma.ErrorDetailer
		if errors.As(cause, &known) {
			detail = known.ErrorDetail()
		}
		f = f.At(detail.Location, fieldCode(detail.Message), harmless(detail.Value), "message", detail.Message)
	}
	return problem(ctx, f)
}

// harmless gives back a wrong value only when it is short and no container: an error is no place for a whole body.
func harmless(value any) any {
	switch v := value.(type) {
	case string:
		if len(v) <= 100 {
			return v
		}
	case bool, float64, int, int64, json.Number:
		return v
	}
	return nil
}

// fieldCodes turns the beginnings of huma's English messages into codes.
var fieldCodes = []struct{ begins, code string }{
	{"unexpected property", "unknown-field"},
	{"unknown query parameter", "unknown-field"},
	{"expected required property", "required"},
	{"required ", "required"},
	{"request body is required", "required"},
	{"expected number >", "too-small"},
	{"expected number <", "too-large"},
	{"expected number to be a multiple", "not-a-multiple"},
	{"expected length >=", "too-short"},
	{"expected length <=", "too-long"},
	{"expected array length >=", "too-few"},
	{"expected array length <=", "too-many"},
	{"expected value to be one of", "not-one-of"},
	{"expected string to be RFC 3339 date", "not-a-date"},
	{"expected string to", "malformed"},
	{"expected ", "wrong-type"},
	{"invalid ", "malformed"},
}

func fieldCode(message string) string {
	for _, f := range fieldCodes {
		if strings.HasPrefix(message, f.begins) {
			return f.code
		}
	}
	return "malformed"
}
