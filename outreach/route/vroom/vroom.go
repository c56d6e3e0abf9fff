// Package vroom solves routing problems that are written in the JSON of the VROOM project, and answers in it.
//
// Times are whole numbers of one unit throughout, usually seconds. A window bounds the start of service, a break's
// window the start of the break. The objective is VROOM's: the sum of the priorities of the jobs served, then their
// number, then travel. A field that is not supported is an error that names it; nothing is ignored.
package vroom

import (
	"context"
	"encoding/json"
	"errors"

	"blangko/outreach/route"
)

// Codes of an answer, as VROOM's.
const (
	OK       = 0
	Internal = 1
	Input    = 2
)

// MaxBytes is the longest input that Solve reads: enough for the durations of route.MaxLocations places.
const MaxBytes = 256 << 20

// Solve reads a problem, solves it, and writes the solution. The output is always an answer in JSON: with an error
// it is {"code", "error"}, code 2 for an input that cannot be solved as it stands, 1 for a fault of the solver.
func Solve(ctx context.Context, input []byte, o route.Options) (output []byte, err error) {
	solution, err := solve(ctx, input, o)
	if err == nil {
		if output, err = json.Marshal(solution); err == nil {
			return output, nil
		}
	}
	return Failure(err), err
}

// Failure writes the answer that reports err.
func Failure(err error) []byte {
	code := Internal
	if _, ok := errors.AsType[*InputError](err); ok || errors.Is(err, route.ErrInvalid) {
		code = Input
	}
	text, _ := json.Marshal(err.Error()) // a string always marshals
	answer := append([]byte(`{"code":`), byte('0'+code))
	answer = append(answer, `,"error":`...)
	return append(append(answer, text...), '}')
}

func solve(ctx context.Context, input []byte, o route.Options) (*solution, error) {
	in, err := decode(input)
	if err != nil {
		return nil, err
	}
	plan, err := route.Solve(ctx, &in.problem, o)
	if err != nil {
		return nil, err
	}
	if err := route.Check(&in.problem, &plan); err != nil {
		return nil, err
	}
	return in.solution(&plan), nil
}
